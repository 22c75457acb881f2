import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import type { ICodeCellModel } from '@jupyterlab/cells';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

import { IOlo } from '../frame/tokens';
import { IPromotions } from '../promote/tokens';
import { CellActions } from './actions';
import { sqlCells } from './extension';
import { resultOf } from './head';
import { markOf } from './marks';
import { cellProblems } from './problems';
import { cellStrip, IStripTools } from './strip';

const CommandIDs = { format: 'olo:format-sql', pin: 'olo:pin-cell', lineage: 'olo:cell-lineage' };
const ENGINES = ['embedded', 'trino', 'spark'];
const NO_ARGUMENTS = { args: { type: 'object', additionalProperties: false } } as const;

/** `%%olo sql` cells: highlighted, laid out, pinned, their errors underlined, a strip with engine, pin and promotion. */
export const sqlCellsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'olo-jupyter:sql-cells',
  description: '%%olo sql cells: highlighting, layout, pins, errors at their place, engine and promotion.',
  autoStart: true,
  requires: [IEditorExtensionRegistry, INotebookTracker, IOlo],
  optional: [IPromotions, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    registry: IEditorExtensionRegistry,
    notebooks: INotebookTracker,
    olo: IOlo,
    promotions: IPromotions | null,
    palette: ICommandPalette | null
  ) => {
    const { trans } = olo;
    const actions = new CellActions(olo, notebooks);
    const tools: IStripTools = {
      engines: ENGINES,
      marksChanged: promotions?.changed ?? new Signal<unknown, void>({}),
      markOf: cell => (promotions ? markOf(promotions.known, cell, trans) : null),
      pick: model => void actions.pick(model),
      format: model => void actions.format(model),
      promote:
        promotions &&
        (model => {
          const notebook = notebooks.find(panel => Array.from(panel.content.model?.cells ?? []).includes(model));
          const [head] = model.sharedModel.getSource().split('\n', 1);
          promotions.openCell(notebook?.context.path ?? '', model.id, resultOf(head ?? ''));
        }),
      openPromotion: name => promotions?.open(name),
      trans
    };
    registry.addExtension({
      name: 'olo-jupyter:sql-cells',
      factory: ({ model }) => {
        const code = 'outputs' in model ? (model as unknown as ICodeCellModel) : null;
        return EditorExtensionRegistry.createImmutableExtension(
          code ? [sqlCells(), cellProblems(code), cellStrip(code, tools)] : sqlCells()
        );
      }
    });

    const { commands } = app;
    commands.addCommand(CommandIDs.format, {
      label: trans.__('Format SQL'),
      describedBy: NO_ARGUMENTS,
      isEnabled: () => actions.active !== null,
      execute: () => actions.active && actions.format(actions.active)
    });
    commands.addCommand(CommandIDs.pin, {
      label: trans.__('Choose What the Cell Reads…'),
      describedBy: NO_ARGUMENTS,
      isEnabled: () => actions.active !== null,
      execute: () => actions.active && actions.pick(actions.active)
    });
    commands.addCommand(CommandIDs.lineage, {
      label: trans.__('Show the Lineage of the Cell’s Tables'),
      describedBy: NO_ARGUMENTS,
      isEnabled: () => actions.active !== null,
      execute: () => actions.active && actions.lineage(actions.active)
    });
    for (const selector of ['.jp-Notebook.jp-mod-editMode', '.jp-Notebook.jp-mod-commandMode']) {
      commands.addKeyBinding({ command: CommandIDs.format, keys: ['Alt Shift F'], selector });
    }
    // The kernel is at the statement, and would hear of the click when that has ended: the server interrupts it now.
    document.addEventListener('click', ({ target }) => {
      const button = target instanceof Element ? target.closest('.olo-CancelQuery') : null;
      const panel = button && notebooks.find(({ node }) => node.contains(button));
      void panel?.sessionContext.session?.kernel?.interrupt();
    });
    notebooks.activeCellChanged.connect(() =>
      Object.values(CommandIDs).forEach(id => commands.notifyCommandChanged(id))
    );
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category: trans.__('OLO') });
    }
  }
};
