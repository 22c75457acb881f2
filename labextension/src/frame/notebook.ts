import { INotebookTracker, Notebook, NotebookActions } from '@jupyterlab/notebook';

const LOAD = '%load_ext olo_magics';

/**
 * Put a statement into a new cell under the active one. The extension is loaded in a cell before it, unless one of the
 * notebook's cells does that already.
 *
 * @returns Whether there was a notebook to put it in.
 */
export function insertQuery(tracker: INotebookTracker, query: string): boolean {
  const notebook = tracker.currentWidget?.content;
  if (!notebook?.model || notebook.model.readOnly) {
    return false;
  }
  if (!Array.from(notebook.model.cells).some(cell => cell.sharedModel.getSource().includes(LOAD))) {
    insertCell(notebook, LOAD);
  }
  insertCell(notebook, `%%olo sql\n${query}`);
  notebook.activate();
  return true;
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
