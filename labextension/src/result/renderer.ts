import type { IThemeManager } from '@jupyterlab/apputils';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Panel, Widget } from '@lumino/widgets';

import { BundleError, IBundle, MIME_TYPE, readBundle } from './bundle';
import { captionParts, omission, provenanceText } from './caption';
import type { ResultGrid } from './grid';
import type { ResultModel } from './model';

/** Draws the result of a `%%olo sql` cell: caption, grid, and what the grid leaves out. */
export class ResultRenderer extends Panel implements IRenderMime.IRenderer {
  constructor(trans: TranslationBundle, themes: IThemeManager | null) {
    super();
    this.#trans = trans;
    this.#themes = themes;
    this.addClass('olo-Result');
    this.node.setAttribute('role', 'region');
    themes?.themeChanged.connect(this.#applyTheme, this);
  }

  /** Draw the model. Data that can't be drawn becomes a line that says so; this never rejects. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const turn = ++this.#turn;
    const stale = (): boolean => this.isDisposed || turn !== this.#turn;
    try {
      const bundle = readBundle(model.data[MIME_TYPE]);
      const [{ readPreview }, { ResultGrid, ResultModel }] = await Promise.all([import('./arrow'), import('./grid')]);
      if (stale()) {
        return;
      }
      const preview = readPreview(
        bundle.preview,
        bundle.columns.map(column => column.type)
      );
      if (preview.rows > bundle.rows) {
        throw new BundleError('the preview holds more rows than the result');
      }
      const data = new ResultModel(bundle.columns, preview);
      this.#draw(bundle, data, data.columns.length ? new ResultGrid(data) : null);
    } catch (error) {
      if (!stale()) {
        this.#drawError(error instanceof Error ? error.message : String(error));
      }
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.#themes?.themeChanged.disconnect(this.#applyTheme, this);
      super.dispose();
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.#applyTheme();
  }

  #draw(bundle: IBundle, model: ResultModel, grid: ResultGrid | null): void {
    this.#clear();
    const parts = captionParts(bundle, this.#trans);
    this.node.setAttribute('aria-label', this.#trans.__('Query result: %1', parts.join(', ')));
    const caption = line('olo-Result-caption');
    caption.node.title = provenanceText(bundle, this.#trans);
    caption.node.append(
      ...parts.map(part => {
        const span = document.createElement('span');
        span.textContent = part;
        return span;
      })
    );
    this.addWidget(caption);
    if (grid) {
      grid.node.setAttribute('aria-label', this.#trans.__('Rows of the result'));
      this.#grid = grid;
      this.addWidget(grid);
      this.#applyTheme();
    }
    const left = omission(bundle, model.preview.rows, this.#trans);
    if (left) {
      this.addWidget(line('olo-Result-omission', left));
    }
  }

  #drawError(message: string): void {
    this.#clear();
    const error = line(
      'olo-Result-error',
      this.#trans.__("This result can't be shown: %1. Run the cell again.", message)
    );
    error.node.setAttribute('role', 'alert');
    this.addWidget(error);
  }

  #clear(): void {
    for (const widget of [...this.widgets]) {
      widget.dispose();
    }
    this.#grid = null;
  }

  #applyTheme(): void {
    if (this.isAttached) {
      this.#grid?.applyTheme();
    }
  }

  readonly #trans: TranslationBundle;
  readonly #themes: IThemeManager | null;
  #grid: ResultGrid | null = null;
  #turn = 0;
}

function line(className: string, text = ''): Widget {
  const widget = new Widget();
  widget.addClass(className);
  widget.node.textContent = text;
  return widget;
}
