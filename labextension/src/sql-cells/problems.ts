/** An error underlined at its place in the cell. */

import type { ICodeCellModel } from '@jupyterlab/cells';
import { Extension, Range, StateEffect, StateField, Text } from '@codemirror/state';
import { Decoration, DecorationSet, EditorView, ViewPlugin } from '@codemirror/view';

export interface IProblem {
  /** Counted from 1 in the whole cell. */
  line: number;
  /** Counted from 1; 0 for the whole line. */
  column: number;
  message: string;
}

const PLACE = /^\s*line (\d+)(?:, column (\d+))?$/;

const setProblem = StateEffect.define<IProblem | null>();

const underlined = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, transaction) => {
    let next = marks;
    if (transaction.docChanged) {
      const touched = new Set<number>();
      transaction.changes.iterChangedRanges((from, to) => marks.between(from, to, start => void touched.add(start)));
      // Who mends the place has seen the error.
      next = marks.update({ filter: from => !touched.has(from) }).map(transaction.changes);
    }
    for (const effect of transaction.effects) {
      if (effect.is(setProblem)) {
        const mark = effect.value && markOf(transaction.state.doc, effect.value);
        next = mark ? Decoration.set([mark]) : Decoration.none;
      }
    }
    return next;
  },
  provide: field => EditorView.decorations.from(field)
});

/** Underline a problem in an editor, or take the line away. */
export function showProblem(view: EditorView, problem: IProblem | null): void {
  view.dispatch({ effects: setProblem.of(problem) });
}

/** Underlines what the cell's last run stumbled over. */
export function cellProblems(model: ICodeCellModel): Extension {
  const follow = ViewPlugin.define(view => {
    let shown = false;
    const look = (): void => {
      const problem = problemIn(model.outputs.toJSON());
      if (problem || shown) {
        shown = !!problem;
        showProblem(view, problem);
      }
    };
    // The output of a notebook that was opened is not of what stands in the cell now for sure: only runs count.
    model.outputs.changed.connect(look);
    return { destroy: () => void model.outputs.changed.disconnect(look) };
  });
  return [underlined, follow];
}

/** The place that one of our errors names in a cell's outputs. */
export function problemIn(outputs: readonly { [key: string]: unknown }[]): IProblem | null {
  for (const { output_type: type, ename, evalue, traceback } of outputs) {
    if (type !== 'error' || ename !== 'CellError' || !Array.isArray(traceback)) {
      continue;
    }
    for (const line of (traceback as string[]).flatMap(part => String(part).split('\n'))) {
      const place = PLACE.exec(line);
      if (place) {
        return { line: Number(place[1]), column: Number(place[2] ?? 0), message: String(evalue) };
      }
    }
  }
  return null;
}

/** The word that begins at a place; the character where no word does, the line where there is no column. */
export function rangeOf(doc: Text, { line, column }: IProblem): [number, number] | null {
  if (line < 1 || line > doc.lines) {
    return null;
  }
  const { from, text } = doc.line(line);
  if (!column) {
    const lead = text.length - text.trimStart().length;
    return text.trim() ? [from + lead, from + text.trimEnd().length] : null;
  }
  // Columns count characters, the editor UTF-16 units.
  const before = Array.from(text)
    .slice(0, column - 1)
    .join('').length;
  const word = /^(?:[\w$]+|"[^"]*"|'[^']*'|[^\s])/u.exec(text.slice(before))?.[0].length ?? 0;
  if (word) {
    return [from + before, from + before + word];
  }
  // Behind the last word: the statement ends too early.
  const end = text.trimEnd().length;
  return end ? [from + end - 1, from + end] : null;
}

function markOf(doc: Text, problem: IProblem): Range<Decoration> | null {
  const range = rangeOf(doc, problem);
  const mark = Decoration.mark({ class: 'olo-Problem', attributes: { title: problem.message } });
  return range && mark.range(...range);
}
