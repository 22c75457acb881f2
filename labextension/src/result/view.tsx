import { Clipboard, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Message, MessageLoop } from '@lumino/messaging';
import { Panel, Widget } from '@lumino/widgets';
import React from 'react';

import type { IBundle } from './bundle';
import { captionParts, count, omission, provenanceText } from './caption';
import { Columns } from './columns';
import { ICellPlace, ResultGrid } from './grid';
import { HEADER, IPreview, ResultModel } from './model';
import { arrange, IRowOrder, nextSort, UNORDERED } from './rows';
import { Summaries } from './summaries';
import type { ISummary } from './summary';
import { csvText, tabText } from './table-text';
import { ResultToolbar } from './toolbar';

/** A result as it stands under its cell: caption and tools, grid and columns, the cell at the cursor, what is left out. */
export class ResultView extends Panel {
  constructor(
    private readonly bundle: IBundle,
    private readonly preview: IPreview,
    private readonly trans: TranslationBundle,
    /** Draws the result with more rows; null where they are all here, or nobody has more. */
    more: (() => Promise<void>) | null = null
  ) {
    super();
    this.addClass('olo-Result-view');
    this.#model = new ResultModel(bundle.columns, preview, bundle.masked);
    this.#summaries = new Summaries(preview, column => {
      this.#grid?.drawSummary(column);
      this.#columns?.update();
    });
    this.#left = omission(bundle, preview.rows, trans);
    const head = new Panel();
    head.addClass('olo-Result-head');
    head.addWidget(this.#caption());
    this.addWidget(head);
    if (bundle.columns.length) {
      this.#grid = new ResultGrid(this.#model, column => this.#summaryOf(column));
      this.#grid.node.setAttribute('role', 'group');
      this.#grid.node.setAttribute('aria-label', trans.__('Rows of the result'));
      this.#grid.headerClicked.connect((_, { column, row }) =>
        row === HEADER.summary ? this.#showColumn(column) : this.#toggleSort(column)
      );
      this.#grid.cursorMoved.connect((_, place) => this.#tell(place));
      this.#tools = live(() => this.#toolbar());
      head.addWidget(this.#tools);
      this.#columns = live(() => this.#cards());
      this.#columns.addClass('olo-Result-columns');
      this.#columns.hide();
      const body = new Panel();
      body.addClass('olo-Result-body');
      body.addWidget(this.#grid);
      body.addWidget(this.#columns);
      this.addWidget(body);
      this.#cell.addClass('olo-Result-cell');
      this.#cell.node.setAttribute('role', 'status');
      this.#cell.hide();
      this.addWidget(this.#cell);
    }
    if (this.#left) {
      const left = new Widget();
      left.addClass('olo-Result-omission');
      left.node.textContent = this.#left;
      if (more && preview.rows < bundle.rows) {
        left.node.append(' ', this.#moreButton(more));
      }
      this.addWidget(left);
    }
  }

  /** Take the theme's colours; the view must be attached. */
  applyTheme(): void {
    this.#grid?.applyTheme();
  }

  override dispose(): void {
    this.#summaries.dispose();
    super.dispose();
  }

  #caption(): Widget {
    const caption = new Widget();
    caption.addClass('olo-Result-caption');
    caption.node.title = provenanceText(this.bundle, this.trans);
    caption.node.append(
      ...captionParts(this.bundle, this.trans).map(part => {
        const span = document.createElement('span');
        span.textContent = part;
        return span;
      })
    );
    return caption;
  }

  #moreButton(more: () => Promise<void>): HTMLButtonElement {
    const button = document.createElement('button');
    button.className = 'olo-Link';
    button.textContent = this.trans.__('Load from the kernel');
    button.title = this.trans.__('Up to 100,000 rows; the notebook’s file stays as it is');
    button.onclick = async () => {
      button.disabled = true;
      button.textContent = this.trans.__('Loading…');
      try {
        await more();
      } catch (error) {
        button.textContent = this.trans.__('Not loaded: %1', error instanceof Error ? error.message : String(error));
      }
    };
    return button;
  }

  #toolbar(): React.JSX.Element {
    const shown = this.#model.rowCount('body');
    const kept = this.preview.rows;
    return (
      <ResultToolbar
        search={this.#order.search}
        onSearch={search => this.#arrange({ ...this.#order, search })}
        found={shown < kept ? this.trans.__('%1 of %2', count.format(shown), count.format(kept)) : ''}
        columnsShown={this.#columns!.isVisible}
        onColumns={() => this.#showColumns(!this.#columns!.isVisible)}
        onCopy={() => Clipboard.copyToSystem(tabText(this.#model))}
        onDownload={() => download(csvText(this.#model), this.#fileName())}
        downloadTitle={
          this.#isPart()
            ? this.trans.__('Download the rows shown as CSV; %olo export RESULT FILE writes the whole result')
            : this.trans.__('Download the rows shown as CSV')
        }
        trans={this.trans}
      />
    );
  }

  #cards(): React.JSX.Element {
    return (
      <Columns
        columns={this.bundle.columns}
        masked={this.bundle.masked}
        summaryOf={column => this.#summaryOf(column)}
        canSort={column => this.#canSort(column)}
        order={this.#order}
        wrong={this.#wrong}
        scope={
          this.#isPart()
            ? this.trans.__(
                'Of the first %1 of %2 rows',
                count.format(this.preview.rows),
                count.format(this.bundle.rows)
              )
            : this.trans._n('Of the one row', 'Of all %1 rows', this.preview.rows)
        }
        chosen={this.#chosen}
        onSort={column => this.#toggleSort(column)}
        onFilter={(column, text) => this.#filter(column, text)}
        trans={this.trans}
      />
    );
  }

  #isPart(): boolean {
    return this.preview.rows < this.bundle.rows || this.bundle.truncated;
  }

  /** A partial result's file says so in its name: it must not pass for the whole elsewhere. */
  #fileName(): string {
    const rows = this.#model.rowCount('body');
    return rows < this.bundle.rows ? `result-${rows}-of-${this.bundle.rows}-rows.csv` : 'result.csv';
  }

  #isMasked(column: number): boolean {
    return this.bundle.masked.has(this.bundle.columns[column]!.name);
  }

  #summaryOf(column: number): ISummary | null {
    return this.#isMasked(column) ? null : this.#summaries.of(column);
  }

  #canSort(column: number): boolean {
    return !this.#isMasked(column) && this.preview.isOrdered(column);
  }

  #toggleSort(column: number): void {
    if (this.#canSort(column)) {
      this.#arrange({ ...this.#order, sort: nextSort(this.#order.sort, column) });
    }
  }

  #filter(column: number, text: string): void {
    const filters = new Map(this.#order.filters).set(column, text);
    this.#arrange({ ...this.#order, filters });
  }

  #arrange(order: IRowOrder): void {
    this.#order = order;
    const { rows, wrong } = arrange(this.bundle.columns, this.preview, order);
    this.#wrong = wrong;
    this.#grid!.selectionModel?.clear();
    this.#model.arrange(rows, order.sort);
    this.#tell(null);
    this.#update();
  }

  #showColumn(column: number): void {
    this.#chosen = column;
    this.#showColumns(true);
  }

  #showColumns(shown: boolean): void {
    this.#columns!.setHidden(!shown);
    if (!shown) {
      this.#chosen = null;
    }
    MessageLoop.sendMessage(this.#grid!, Widget.ResizeMessage.UnknownSize);
    this.#update();
  }

  #update(): void {
    this.#tools?.update();
    this.#columns?.update();
  }

  /** The whole value of the cell at the cursor: long ones are cut in the grid, and a screen reader sees no canvas. */
  #tell(place: ICellPlace | null): void {
    const column = place && this.bundle.columns[place.column];
    this.#cell.setHidden(!column);
    if (!place || !column) {
      return;
    }
    const row = this.#model.source(place.row);
    const value = this.preview.text(row, place.column);
    const title = document.createElement('b');
    title.textContent = this.trans.__('%1, row %2', column.name, count.format(row + 1));
    this.#cell.node.replaceChildren(title, ` ${value ?? 'NULL'}`);
  }

  readonly #model: ResultModel;
  readonly #left: string;
  readonly #cell = new Widget();
  readonly #summaries: Summaries;
  readonly #grid: ResultGrid | null = null;
  readonly #tools: ReactWidget | null = null;
  readonly #columns: ReactWidget | null = null;
  #order: IRowOrder = UNORDERED;
  #wrong: ReadonlyMap<number, string> = new Map();
  #chosen: number | null = null;
}

/** A widget whose `update` draws it anew; nothing is drawn while it is hidden. */
function live(draw: () => React.JSX.Element): ReactWidget {
  return new (class extends ReactWidget {
    protected override render(): React.JSX.Element {
      return draw();
    }
    protected override onUpdateRequest(message: Message): void {
      if (!this.isHidden) {
        super.onUpdateRequest(message);
      }
    }
    protected override onAfterShow(message: Message): void {
      super.onAfterShow(message);
      this.update();
    }
  })();
}

function download(text: string, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  // A busy browser takes it some time after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
