import { INotebookTracker, Notebook, NotebookActions } from '@jupyterlab/notebook';

import { NOTEBOOK_PIN, notebookPin, pinnedSource } from './pins';

const LOAD = '%load_ext olo_magics';

/**
 * Put a statement into a new cell under the active one. The extension is loaded in a cell before it, unless one of the
 * notebook's cells does that already.
 *
 * @returns Whether there was a notebook to put it in.
 */
export function insertQuery(tracker: INotebookTracker, query: string): boolean {
  return insertSource(tracker, `%%olo sql\n${query}`);
}

/** Put text at the cursor of the active cell. Returns whether there was one. */
export function insertText(tracker: INotebookTracker, text: string): boolean {
  const editor = tracker.activeCell?.editor;
  if (!editor || tracker.activeCell?.model.isDisposed) {
    return false;
  }
  editor.replaceSelection?.(text);
  editor.focus();
  return true;
}

function insertCell(notebook: Notebook, source: string): void {
  const active = notebook.activeCell?.model;
  // An empty cell under the cursor is where a person would type.
  if (active?.type !== 'code' || active.sharedModel.getSource().trim()) {
    NotebookActions.insertBelow(notebook);
  }
  notebook.activeCell?.model.sharedModel.setSource(source);
}

/** Pin the active `%%olo sql` cell to a snapshot. Returns whether there was one. */
export function pinCell(tracker: INotebookTracker, snapshot: string): boolean {
  const model = tracker.activeCell?.model;
  const source = model?.type === 'code' ? pinnedSource(model.sharedModel.getSource(), snapshot) : null;
  if (!model || source === null || tracker.currentWidget?.content.model?.readOnly) {
    return false;
  }
  model.sharedModel.setSource(source);
  return true;
}

/**
 * Pin the notebook to a moment: by the cell that does so, or a new one after the cell that loads the extension.
 *
 * @returns Whether there was a notebook.
 */
export function pinNotebook(tracker: INotebookTracker, at: string): boolean {
  const notebook = tracker.currentWidget?.content;
  if (!notebook?.model || notebook.model.readOnly) {
    return false;
  }
  const cells = Array.from(notebook.model.cells).filter(cell => cell.type === 'code');
  const sourceOf = (cell: (typeof cells)[number]): string => cell.sharedModel.getSource();
  const pinning = cells.find(cell => NOTEBOOK_PIN.test(sourceOf(cell)));
  const line = notebookPin(at);
  if (pinning) {
    pinning.sharedModel.setSource(sourceOf(pinning).replace(NOTEBOOK_PIN, line));
    return true;
  }
  const loading = cells.find(cell => sourceOf(cell).includes(LOAD));
  const source = loading ? line : `${LOAD}\n${line}`;
  const index = loading ? Array.from(notebook.model.cells).indexOf(loading) + 1 : 0;
  notebook.model.sharedModel.insertCell(index, { cell_type: 'code', source });
  return true;
}

/** Put a whole cell under the active one, as {@link insertQuery} does a query. Returns whether there was a notebook. */
export function insertSource(tracker: INotebookTracker, source: string): boolean {
  const notebook = tracker.currentWidget?.content;
  if (!notebook?.model || notebook.model.readOnly) {
    return false;
  }
  if (!Array.from(notebook.model.cells).some(cell => cell.sharedModel.getSource().includes(LOAD))) {
    insertCell(notebook, LOAD);
  }
  insertCell(notebook, source);
  notebook.activate();
  return true;
}
