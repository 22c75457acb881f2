import { CellRenderer, GraphicsContext } from '@lumino/datagrid';

import type { ISummary } from './summary';

export interface ISummaryLook {
  bar: string;
  faint: string;
  background: string;
  font: string;
}

const PADDING = 6;
const NULL_BAR = 4;
const MAX_BAR = 14;

/** Paints what a column holds into its header: bars, and the share of NULLs as a line under them. */
export class SummaryRenderer extends CellRenderer {
  constructor(
    private readonly summaryOf: (column: number) => ISummary | null,
    private readonly look: ISummaryLook
  ) {
    super();
  }

  override paint(gc: GraphicsContext, { x, y, width, height, column }: CellRenderer.CellConfig): void {
    gc.fillStyle = this.look.background;
    gc.fillRect(x, y, width - 1, height - 1);
    const summary = this.summaryOf(column);
    if (!summary || width < 3 * PADDING) {
      return;
    }
    const room = width - 2 * PADDING;
    const floor = y + height - PADDING;
    const most = Math.max(...summary.bars.map(bar => bar.rows), 1);
    const step = summary.kind === 'histogram' ? room / summary.bars.length : Math.min(room / 6, MAX_BAR + 2);
    gc.fillStyle = this.look.bar;
    summary.bars.forEach(({ rows }, index) => {
      // A bar with one row of a million is still a bar.
      const tall = rows ? Math.max(1, Math.round(((height - 2 * PADDING) * rows) / most)) : 0;
      gc.fillRect(x + PADDING + index * step, floor - tall, Math.max(1, step - 1), tall);
    });
    if (!summary.bars.length && summary.distinct > 1) {
      gc.fillStyle = this.look.faint;
      gc.font = this.look.font;
      gc.textBaseline = 'bottom';
      gc.textAlign = 'left';
      gc.fillText(`${summary.distinct} ≠`, x + PADDING, floor + 2);
    }
    if (summary.nulls && summary.rows) {
      const share = Math.max(2, (room * summary.nulls) / summary.rows);
      gc.fillStyle = this.look.faint;
      gc.fillRect(x + PADDING, floor + 1, share, NULL_BAR - 1);
    }
  }
}
