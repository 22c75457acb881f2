import type { IThemeManager } from '@jupyterlab/apputils';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Panel, Widget } from '@lumino/widgets';

import { BundleError, IBundle, MIME_TYPE, readBundle } from './bundle';
import { captionParts } from './caption';
import type { ResultView } from './view';
import type { MoreRows } from './whole';

/** Draws the result of a `%%olo sql` cell: caption, grid, and what the grid leaves out. */
export class ResultRenderer extends Panel implements IRenderMime.IRenderer {
  constructor(
    trans: TranslationBundle,
    themes: IThemeManager | null,
    private readonly moreRows: MoreRows | null = null
  ) {
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
      const types = bundle.columns.map(column => column.type);
      const [{ readPreview }, { ResultView }] = await Promise.all([import('./arrow'), import('./view')]);
      if (stale()) {
        return;
      }
      const preview = readPreview(bundle.preview, types);
      if (preview.rows > bundle.rows) {
        throw new BundleError('the preview holds more rows than the result');
      }
      const more =
        this.moreRows &&
        (async () => {
          const loaded = readPreview(await this.moreRows!(this.node, bundle), types);
          if (!stale()) {
            this.#draw(bundle, new ResultView(bundle, loaded, this.#trans));
          }
        });
      this.#draw(bundle, new ResultView(bundle, preview, this.#trans, more));
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

  #draw(bundle: IBundle, view: ResultView): void {
    this.#clear();
    this.node.setAttribute(
      'aria-label',
      this.#trans.__('Query result: %1', captionParts(bundle, this.#trans).join(', '))
    );
    this.#view = view;
    this.addWidget(view);
    this.#applyTheme();
  }

  #drawError(message: string): void {
    this.#clear();
    const error = new Widget();
    error.addClass('olo-Result-error');
    error.node.setAttribute('role', 'alert');
    error.node.textContent = this.#trans.__("This result can't be shown: %1. Run the cell again.", message);
    this.addWidget(error);
  }

  #clear(): void {
    for (const widget of [...this.widgets]) {
      widget.dispose();
    }
    this.#view = null;
  }

  #applyTheme(): void {
    if (this.isAttached) {
      this.#view?.applyTheme();
    }
  }

  readonly #trans: TranslationBundle;
  readonly #themes: IThemeManager | null;
  #view: ResultView | null = null;
  #turn = 0;
}
