import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';

import { sqlCells } from './extension';

/** Highlights `%%olo sql` cells as SQL. */
export const sqlCellsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'olo-jupyter:sql-cells',
  description: 'Highlights %%olo sql cells as SQL.',
  autoStart: true,
  requires: [IEditorExtensionRegistry],
  activate: (_app: JupyterFrontEnd, registry: IEditorExtensionRegistry) => {
    registry.addExtension({
      name: 'olo-jupyter:sql-cells',
      factory: () => EditorExtensionRegistry.createImmutableExtension(sqlCells())
    });
  }
};
