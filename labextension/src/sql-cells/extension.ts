import { sql, StandardSQL } from '@codemirror/lang-sql';
import { Compartment, EditorState, Extension, Prec, Text } from '@codemirror/state';
import { Decoration, EditorView, ViewPlugin } from '@codemirror/view';

import { isSqlHead } from './head';

/** Whether a cell's text is a `%%olo sql` cell: its first line decides, as for IPython. */
export function isSqlCell(text: Text): boolean {
  return isSqlHead(text.line(1).text);
}

/** The first line is IPython's, not SQL: there `--engine` is an option, no comment. Its style takes SQL's colours away. */
const head = EditorView.decorations.compute(['doc'], ({ doc }) =>
  isSqlCell(doc) ? Decoration.set(Decoration.line({ class: 'olo-SqlHead' }).range(0)) : Decoration.none
);

/** Swaps SQL's language in while the first line says `%%olo sql`, and out again when it no longer does. */
export function sqlCells(): Extension {
  const language = new Compartment();
  const languageOf = (text: Text): Extension => (isSqlCell(text) ? Prec.highest(sql({ dialect: StandardSQL })) : []);

  const follow = EditorState.transactionExtender.of(({ docChanged, startState, newDoc }) =>
    docChanged && isSqlCell(startState.doc) !== isSqlCell(newDoc)
      ? { effects: language.reconfigure(languageOf(newDoc)) }
      : null
  );

  // An editor that opens with its text makes no change: the first look is taken once it stands.
  const first = ViewPlugin.define(view => {
    let destroyed = false;
    if (isSqlCell(view.state.doc)) {
      queueMicrotask(() => {
        if (!destroyed) {
          view.dispatch({ effects: language.reconfigure(languageOf(view.state.doc)) });
        }
      });
    }
    return { destroy: () => void (destroyed = true) };
  });

  return [language.of([]), follow, first, head];
}
