/** The line above a cell's text: engine, pin, layout, promotion. */

import type { ICodeCellModel } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Extension, StateEffect, StateField } from '@codemirror/state';
import { EditorView, Panel, PanelConstructor, showPanel, ViewPlugin } from '@codemirror/view';
import type { ISignal } from '@lumino/signaling';

import { isSqlHead, optionOf, pinOf, withOption } from './head';

/** What a cell was promoted to. */
export interface IMark {
  name: string;
  /** A few words: `gold.delays · merged`. */
  text: string;
  title: string;
  state: 'promoted' | 'changed' | 'failed';
}

/** What the strip's buttons do. */
export interface IStripTools {
  readonly engines: readonly string[];
  readonly marksChanged: ISignal<unknown, void>;
  markOf(cell: string): IMark | null;
  pick(model: ICodeCellModel): void;
  format(model: ICodeCellModel): void;
  /** null where promotions are disabled. */
  promote: ((model: ICodeCellModel) => void) | null;
  openPromotion(name: string): void;
  readonly trans: TranslationBundle;
}

const redraw = StateEffect.define<null>();

/** A strip above `%%olo sql` cells, and above every promoted cell. */
export function cellStrip(model: ICodeCellModel, tools: IStripTools): Extension {
  const construct: PanelConstructor = view => new Strip(view, model, tools);
  const wanted = (head: string): PanelConstructor | null =>
    isSqlHead(head) || tools.markOf(model.id) ? construct : null;
  const field = StateField.define<PanelConstructor | null>({
    create: state => wanted(state.doc.line(1).text),
    update: (_, { state }) => wanted(state.doc.line(1).text),
    provide: given => showPanel.from(given)
  });
  const follow = ViewPlugin.define(view => {
    const draw = (): void => view.dispatch({ effects: redraw.of(null) });
    tools.marksChanged.connect(draw);
    return { destroy: () => void tools.marksChanged.disconnect(draw) };
  });
  return [field, follow];
}

class Strip implements Panel {
  readonly top = true;
  readonly dom = document.createElement('div');

  constructor(
    private readonly view: EditorView,
    private readonly model: ICodeCellModel,
    private readonly tools: IStripTools
  ) {
    const { trans } = tools;
    this.dom.className = 'olo-Strip';
    this.dom.setAttribute('role', 'toolbar');
    this.dom.setAttribute('aria-label', trans.__('SQL cell'));
    this.#engine.setAttribute('aria-label', trans.__('Engine of this cell'));
    this.#engine.append(
      new Option(trans.__("session's engine"), ''),
      ...tools.engines.map(engine => new Option(engine, engine))
    );
    // A cell that may not be edited shows what it has.
    this.#engine.disabled = this.#pin.disabled = view.state.readOnly;
    this.#engine.onchange = () => this.#setHead(withOption(this.#head(), '--engine', this.#engine.value));
    this.#pin.onclick = () => tools.pick(model);
    this.#mark.onclick = () => tools.openPromotion(this.#mark.dataset['name'] ?? '');
    this.#sql.append(
      this.#engine,
      this.#pin,
      button(trans.__('Format'), trans.__('Lay out the SQL (Alt Shift F)'), () => tools.format(model))
    );
    // All on the left: JupyterLab's own toolbar of the active cell floats over the right.
    this.dom.append(this.#sql);
    if (tools.promote) {
      const title = trans.__('Make a model or module of this cell');
      this.dom.append(
        button(trans.__('Promote…'), title, () => tools.promote?.(model)),
        this.#mark
      );
    }
    this.#draw();
  }

  update(): void {
    this.#draw();
  }

  #head(): string {
    return this.view.state.doc.line(1).text;
  }

  #setHead(text: string): void {
    const { from, to } = this.view.state.doc.line(1);
    this.view.dispatch({ changes: { from, to, insert: text }, userEvent: 'input.olo' });
  }

  #draw(): void {
    const { trans } = this.tools;
    const head = this.#head();
    const mark = this.tools.markOf(this.model.id);
    const drawn = `${head}\n${JSON.stringify(mark)}`;
    if (drawn === this.#drawn) {
      return;
    }
    this.#drawn = drawn;
    this.#sql.hidden = !isSqlHead(head);
    const engine = optionOf(head, '--engine');
    this.#engine.value = this.tools.engines.includes(engine) ? engine : '';
    const pin = pinOf(head);
    this.#pin.textContent = pin ? trans.__('as of %1', pin.value) : trans.__('at present');
    this.#pin.title = trans.__('Choose what this cell reads: a snapshot, a tag, a time');
    this.#pin.classList.toggle('olo-mod-pinned', !!pin);
    this.#mark.hidden = !mark;
    if (mark) {
      this.#mark.dataset['name'] = mark.name;
      this.#mark.textContent = mark.text;
      this.#mark.title = mark.title;
      this.#mark.className = `olo-Strip-mark olo-mod-${mark.state}`;
    }
  }

  readonly #sql = Object.assign(document.createElement('span'), { className: 'olo-Strip-sql' });
  readonly #engine = document.createElement('select');
  readonly #pin = button('', '', () => undefined);
  readonly #mark = button('', '', () => undefined);
  #drawn = '';
}

function button(text: string, title: string, act: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.title = title;
  made.onclick = act;
  return made;
}
