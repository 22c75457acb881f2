import { BasicKeyHandler, BasicMouseHandler, BasicSelectionModel, DataGrid, TextRenderer } from '@lumino/datagrid';
import { MessageLoop } from '@lumino/messaging';
import { ISignal, Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { HEADER, ResultModel } from './model';
import { paintAtOnce } from './painting';
import type { ISummary } from './summary';
import { SummaryRenderer } from './summary-renderer';

const ROW = 22;
const SUMMARY_ROW = 34;
/** Pixels at a header's edges that resize a column. */
const EDGE = 6;
const MAX_HEIGHT = 380;
const MAX_COLUMN = 320;
const MIN_COLUMN = 56;
const SAMPLE = 50;
const SCROLL_BAR = 18;
/** Painting a megabyte of text a cell would stop the page; copying still gives the whole value. */
const MAX_PAINTED = 400;

/** Colours and font as the theme has them now: a canvas knows no CSS variables. */
interface ILook {
  font: string;
  headerFont: string;
  text: string;
  faint: string;
  background: string;
  stripe: string;
  header: string;
  line: string;
  selection: string;
  selectionLine: string;
  bar: string;
}

function look(node: HTMLElement): ILook {
  const style = getComputedStyle(node);
  const value = (name: string, fallback: string): string => style.getPropertyValue(name).trim() || fallback;
  const size = value('--jp-code-font-size', '13px');
  return {
    font: `${size} ${value('--jp-code-font-family', 'monospace')}`,
    headerFont: `600 ${value('--jp-ui-font-size1', '13px')} ${value('--jp-ui-font-family', 'sans-serif')}`,
    text: value('--jp-content-font-color1', 'black'),
    faint: value('--jp-content-font-color3', 'gray'),
    background: value('--jp-layout-color0', 'white'),
    stripe: value('--jp-rendermime-table-row-background', '#f5f5f5'),
    header: value('--jp-layout-color1', 'white'),
    line: value('--jp-border-color2', '#e0e0e0'),
    // Painted over the text, so it must let it through: no theme has a translucent colour for this.
    selection: 'rgba(33, 150, 243, 0.18)',
    selectionLine: value('--jp-brand-color1', '#2196f3'),
    bar: value('--jp-brand-color2', '#64b5f6')
  };
}

/** A place in the shown rows. */
export interface ICellPlace {
  row: number;
  column: number;
}

/** A grid over a result. Its colours follow the theme when `applyTheme` is called. */
export class ResultGrid extends DataGrid {
  /**
   * @param summaryOf - What a column holds; null for a masked one.
   */
  constructor(
    model: ResultModel,
    private readonly summaryOf: (column: number) => ISummary | null
  ) {
    super({
      headerVisibility: 'all',
      stretchLastColumn: false,
      minimumSizes: { rowHeight: ROW, columnWidth: MIN_COLUMN, rowHeaderWidth: 24, columnHeaderHeight: ROW },
      defaultSizes: { rowHeight: ROW, columnWidth: 120, rowHeaderWidth: 48, columnHeaderHeight: ROW },
      copyConfig: {
        separator: '\t',
        format: ({ value }) => (value === null ? '' : String(value)),
        headers: 'none',
        warningThreshold: 1e6
      }
    });
    this.addClass('olo-ResultGrid');
    paintAtOnce(this);
    this.dataModel = model;
    this.keyHandler = new BasicKeyHandler();
    this.mouseHandler = new HeaderMouseHandler((column, row) => this.#headerClicked.emit({ column, row }));
    this.selectionModel = new BasicSelectionModel({ dataModel: model, selectionMode: 'cell' });
    this.selectionModel.changed.connect(({ cursorRow: row, cursorColumn: column }) =>
      this.#cursorMoved.emit(row < 0 || column < 0 ? null : { row, column })
    );
    this.resizeRow('column-header', HEADER.summary, SUMMARY_ROW);
    this.#model = model;
  }

  /** Somebody clicked on a row of a column's header. */
  get headerClicked(): ISignal<this, ICellPlace> {
    return this.#headerClicked;
  }

  /** The cursor stands elsewhere; null for nowhere. */
  get cursorMoved(): ISignal<this, ICellPlace | null> {
    return this.#cursorMoved;
  }

  /** Bring a column to sight. */
  showColumn(column: number): void {
    this.scrollToColumn(column);
  }

  /** A column's summary is there now: draw it. */
  drawSummary(column: number): void {
    this.repaintRegion('column-header', HEADER.summary, column, HEADER.summary, column);
  }

  /** Take colours, fonts and sizes from the theme; the grid must be attached. */
  applyTheme(): void {
    const { font, headerFont, text, faint, background, stripe, header, line, selection, selectionLine, bar } = look(
      this.node
    );
    const model = this.#model;
    this.style = {
      ...DataGrid.defaultStyle,
      voidColor: background,
      backgroundColor: background,
      rowBackgroundColor: index => (index % 2 ? stripe : background),
      gridLineColor: line,
      headerBackgroundColor: header,
      headerGridLineColor: line,
      selectionFillColor: selection,
      selectionBorderColor: selectionLine,
      cursorFillColor: selection,
      cursorBorderColor: selectionLine,
      headerSelectionFillColor: selection,
      headerSelectionBorderColor: selectionLine
    };
    const align = (column: number): TextRenderer.HorizontalAlignment =>
      model.preview.isNumber(column) ? 'right' : 'left';
    const title = new TextRenderer({
      font: ({ row }) => (row === HEADER.name ? headerFont : font),
      textColor: ({ row }) => (row === HEADER.name ? text : faint),
      horizontalAlignment: ({ column }) => align(column)
    });
    const summary = new SummaryRenderer(this.summaryOf, { bar, faint, background: header, font: headerFont });
    this.cellRenderers.update({
      body: new TextRenderer({
        font,
        textColor: ({ value }) => (value === null ? faint : text),
        horizontalAlignment: ({ column }) => align(column),
        format: ({ value }) => (value === null ? 'NULL' : String(value).slice(0, MAX_PAINTED))
      }),
      'column-header': config => (config.row === HEADER.summary ? summary : title),
      'row-header': new TextRenderer({ font, textColor: faint, horizontalAlignment: 'right' }),
      'corner-header': new TextRenderer({ font, textColor: faint })
    });
    this.#fitColumns(font, headerFont);
  }

  /** Widths from names, types and the first rows; a user's drag afterwards wins until the theme changes. */
  #fitColumns(font: string, headerFont: string): void {
    const context = document.createElement('canvas').getContext('2d');
    if (!context) {
      return;
    }
    const width = (text: string, textFont: string): number => {
      context.font = textFont;
      return context.measureText(text.slice(0, MAX_PAINTED)).width + 18;
    };
    const { columns, preview } = this.#model;
    let total = Math.ceil(width(String(preview.rows), font));
    this.resizeColumn('row-header', 0, total);
    columns.forEach(({ name, type }, column) => {
      let widest = Math.max(width(`${name} ▼`, headerFont), width(type, font), MIN_COLUMN);
      for (let row = 0; row < Math.min(preview.rows, SAMPLE); row++) {
        widest = Math.max(widest, width(preview.text(row, column) ?? 'NULL', font));
      }
      const size = Math.min(Math.ceil(widest), MAX_COLUMN);
      this.resizeColumn('body', column, size);
      total += size;
    });
    // All rows, up to a limit; a horizontal scroll bar needs room where the columns are wider than the cell. The grid's own
    // totals are of before: it resizes later.
    const rows = 2 * ROW + SUMMARY_ROW + preview.rows * ROW;
    const scrollBar = total > this.node.clientWidth ? SCROLL_BAR : 0;
    this.node.style.height = `${Math.min(MAX_HEIGHT, rows + scrollBar) + 2}px`;
    MessageLoop.sendMessage(this, Widget.ResizeMessage.UnknownSize);
  }

  readonly #model: ResultModel;
  readonly #headerClicked = new Signal<this, ICellPlace>(this);
  readonly #cursorMoved = new Signal<this, ICellPlace | null>(this);
}

/** A click on a header that neither resizes nor selects several columns. */
class HeaderMouseHandler extends BasicMouseHandler {
  constructor(private readonly clicked: (column: number, row: number) => void) {
    super();
  }

  override onMouseDown(grid: DataGrid, event: MouseEvent): void {
    const hit = grid.hitTest(event.clientX, event.clientY);
    const plain = event.button === 0 && !event.shiftKey && !event.ctrlKey && !event.metaKey;
    if (plain && hit.region === 'column-header' && hit.x > EDGE && hit.width - hit.x > EDGE) {
      this.clicked(hit.column, hit.row);
      return;
    }
    super.onMouseDown(grid, event);
  }
}
