import { Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';

import { insertQuery, pinCell, pinNotebook } from '../frame/notebook';
import { momentText } from '../frame/time';
import type { IOlo } from '../frame/tokens';
import type { IChange } from './answers';
import type { TableModel } from './table';

/** What a person does with a table or one of its snapshots. */
export class TableActions {
  constructor(
    private readonly olo: IOlo,
    private readonly notebooks: INotebookTracker,
    private readonly limit: () => number
  ) {}

  /** A query of a table, or of a table at a point, in a new cell; on the clipboard where no notebook is open. */
  query(from: string): void {
    const statement = `SELECT *\nFROM ${from}\nLIMIT ${this.limit()}`;
    if (!insertQuery(this.notebooks, statement)) {
      this.olo.copy(statement);
    }
  }

  pinCell(change: IChange): void {
    const { trans } = this.olo;
    if (pinCell(this.notebooks, change.id)) {
      Notification.success(trans.__('The cell reads snapshot %1 now.', change.id), { autoClose: 3000 });
    } else {
      Notification.warning(trans.__('Choose a %%%%olo sql cell of a notebook first.'), { autoClose: 5000 });
    }
  }

  pinNotebook(change: IChange): void {
    const { trans } = this.olo;
    if (pinNotebook(this.notebooks, change.at)) {
      const at = momentText(change.at);
      Notification.success(trans.__('The notebook reads every table as of %1, once its pin has run.', at), {
        autoClose: 5000
      });
    } else {
      Notification.warning(trans.__('Open a notebook first.'), { autoClose: 5000 });
    }
  }

  async tag(table: TableModel, change: IChange): Promise<void> {
    const { trans } = this.olo;
    const { value } = await InputDialog.getText({
      title: trans.__('Tag snapshot %1 of %2', change.id, table.name),
      label: trans.__('A tagged snapshot stays until the tag is dropped.'),
      placeholder: trans.__('Name, such as q1-close'),
      okLabel: trans.__('Tag')
    });
    if (value?.trim()) {
      await this.#done(table.tag(value.trim(), 'tag', change.id), trans.__('Tagged: %1', value.trim()));
      table.history.invalidate();
      table.detail.invalidate();
    }
  }

  async rollBack(table: TableModel, to: IChange, current: IChange): Promise<void> {
    const { trans } = this.olo;
    const { button } = await showDialog({
      title: trans.__('Roll %1 back?', table.name),
      body: trans.__(
        'Everybody reads the table as it was on %1 (snapshot %2, %3 rows) from then on. Later snapshots are kept until they expire; tag the current one to keep it longer.',
        momentText(to.at),
        to.id,
        to.rows?.toLocaleString() ?? '?'
      ),
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Roll back') })]
    });
    if (button.accept) {
      await this.#done(table.rollBack(to, current.id), trans.__('Rolled back to snapshot %1.', to.id));
      table.history.invalidate();
      table.detail.invalidate();
    }
  }

  async #done(work: Promise<unknown>, told: string): Promise<void> {
    try {
      await work;
      Notification.success(told, { autoClose: 4000 });
    } catch (error) {
      const { message, hint = '' } = error as { message: string; hint?: string };
      Notification.error(`${message} ${hint}`.trim(), { autoClose: false });
    }
  }
}
