/** What is done to a SQL cell: layout, pin. */

import { Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import { INotebookTracker, Notebook, NotebookActions } from '@jupyterlab/notebook';

import type { IOlo } from '../frame/tokens';
import type { IFormattedSql, ITablesRead } from './answers';
import { tableNode } from '../lineage/model';
import { isSqlHead, pinOf, withPin } from './head';
import type { PinChoice } from './pin-picker';
import { showProblem } from './problems';
import { namesIn, pinTable } from './table-pins';

const NOTEBOOK_PIN = /^%olo[ \t]+as-of\b.*$/m;

/** A cell's text as its line and the statement below. */
function parts(model: ICodeCellModel): { head: string; sql: string } {
  const source = model.sharedModel.getSource();
  const end = source.indexOf('\n');
  return end < 0 ? { head: source, sql: '' } : { head: source.slice(0, end), sql: source.slice(end + 1) };
}

export class CellActions {
  constructor(
    private readonly olo: IOlo,
    private readonly notebooks: INotebookTracker
  ) {}

  /** The active cell, where it is one of SQL that may be changed. */
  get active(): ICodeCellModel | null {
    const cell = this.notebooks.activeCell;
    const isSql = cell?.model.type === 'code' && isSqlHead(parts(cell.model as ICodeCellModel).head);
    return isSql && !cell.readOnly ? (cell.model as ICodeCellModel) : null;
  }

  /** Lay a cell's SQL out; where that can't be, say why and underline the place. */
  async format(model: ICodeCellModel): Promise<void> {
    const { head, sql } = parts(model);
    const answer = await this.#ask<IFormattedSql>('sql/format', sql);
    if (!answer || model.isDisposed || parts(model).sql !== sql) {
      return; // somebody went on typing
    }
    const { problem } = answer;
    if (problem) {
      const { trans } = this.olo;
      Notification.warning(trans.__('Not formatted: %1 %2', problem.message, problem.hint).trim(), { autoClose: 6000 });
      if (problem.line !== null) {
        this.#underline(model, { line: problem.line + 1, column: problem.column ?? 0, message: problem.message });
      }
      return;
    }
    const text = answer.text.trimEnd();
    if (text !== sql.trimEnd()) {
      model.sharedModel.updateSource(head.length + 1, head.length + 1 + sql.length, text);
    }
  }

  /** Let the person choose what the cell reads, and write it. */
  async pick(model: ICodeCellModel): Promise<void> {
    const { trans } = this.olo;
    const { head, sql } = parts(model);
    const read = await this.#ask<ITablesRead>('sql/tables', sql);
    if (!read) {
      return;
    }
    if (read.problem) {
      Notification.warning(
        trans.__('The tables of this cell are not known: %1 A time can be chosen all the same.', read.problem.message),
        { autoClose: 6000 }
      );
    }
    const { PinPicker } = await import('./pin-picker');
    const now = pinOf(head);
    const when = now && now.option !== '--snapshot' ? now.value : '';
    const { button, value } = await showDialog({
      title: trans.__('What this cell reads'),
      body: new PinPicker({ sql, when, tables: read.tables, trans }),
      buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Pin') })]
    });
    if (button.accept && value && !model.isDisposed) {
      if (parts(model).sql !== sql) {
        Notification.warning(trans.__('The cell changed meanwhile: choose again.'), { autoClose: 4000 });
        return;
      }
      this.#pin(model, value);
    }
  }

  /** Open the lineage of a table that the cell reads; where there are several, the person says of which. */
  async lineage(model: ICodeCellModel): Promise<void> {
    const { trans } = this.olo;
    const read = await this.#ask<ITablesRead>('sql/tables', parts(model).sql);
    const names = [...new Set(read?.tables.map(({ sql_name }) => sql_name))];
    if (!read || names.length === 0) {
      if (read) {
        const why = read.problem?.message ?? trans.__('It reads none.');
        Notification.warning(trans.__('The tables of this cell are not known: %1', why), { autoClose: 6000 });
      }
      return;
    }
    const title = trans.__('Lineage of which table?');
    const chosen = names.length === 1 ? names[0]! : (await InputDialog.getItem({ title, items: names })).value;
    const [catalog, namespace, table] = chosen ? namesIn(chosen) : [];
    if (catalog && namespace && table) {
      this.olo.open('lineage', tableNode(catalog, namespace, table));
    }
  }

  #pin(model: ICodeCellModel, choice: PinChoice): void {
    const { head, sql } = parts(model);
    if (choice.kind === 'table') {
      const text = pinTable(sql, choice.table, choice.pin);
      model.sharedModel.updateSource(head.length + 1, head.length + 1 + sql.length, text);
      return;
    }
    const when = choice.kind === 'time' ? choice.when.trim() : '';
    if (choice.scope === 'notebook') {
      this.#pinNotebook(when);
    } else {
      model.sharedModel.updateSource(0, head.length, withPin(head, when && '--as-of', when));
    }
  }

  /** In the notebook's own line, which is made where it has none. It holds when that cell has run. */
  #pinNotebook(when: string): void {
    const notebook = this.notebooks.currentWidget?.content;
    const line = `%olo as-of ${when || '--clear'}`;
    const cells = Array.from(notebook?.model?.cells ?? []);
    const held = cells.find(cell => cell.type === 'code' && NOTEBOOK_PIN.test(cell.sharedModel.getSource()));
    if (held) {
      held.sharedModel.setSource(held.sharedModel.getSource().replace(NOTEBOOK_PIN, () => line));
    } else if (notebook && when) {
      NotebookActions.insertAbove(notebook);
      notebook.activeCell?.model.sharedModel.setSource(line);
    }
    Notification.info(this.olo.trans.__('Run the cell with “%1”: it holds for what runs after it.', line), {
      autoClose: 6000
    });
  }

  #underline(model: ICodeCellModel, problem: Parameters<typeof showProblem>[1]): void {
    const shown: Notebook | undefined = this.notebooks.currentWidget?.content;
    const editor = shown?.widgets.find(cell => cell.model === model)?.editor;
    if (editor) {
      showProblem((editor as CodeMirrorEditor).editor, problem);
    }
  }

  async #ask<T>(path: string, text: string): Promise<T | null> {
    try {
      return await this.olo.api.post<T>(path, { text });
    } catch (error) {
      Notification.error(error instanceof Error ? error.message : String(error));
      return null;
    }
  }
}
