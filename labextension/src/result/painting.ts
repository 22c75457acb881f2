import type { DataGrid } from '@lumino/datagrid';

/** What is used here of a grid's inside. */
interface IPainting {
  _buffer?: HTMLCanvasElement;
  _drawCells?(region: unknown): void;
  _blitContent?(source: HTMLCanvasElement, x: number, y: number, w: number, h: number, dx: number, dy: number): void;
}

/**
 * Let a grid bring the cells of a region to the screen at once.
 *
 * Lumino draws each cell into a canvas of the grid's size and then copies the cell over. Where no GPU draws, the browser
 * takes a copy of that whole canvas for each: a hundred of them, a quarter of a second, whenever the grid is scrolled.
 * A Lumino that is made otherwise is left as it is.
 */
export function paintAtOnce(grid: DataGrid): void {
  const inside = grid as unknown as IPainting;
  const [draw, blit] = [inside._drawCells, inside._blitContent];
  if (!draw || !blit) {
    return;
  }
  /** What was drawn into the buffer and isn't on the screen yet: left, top, right, bottom. */
  let drawn: [number, number, number, number] | null = null;
  let drawing = false;
  inside._blitContent = (source, x, y, w, h, dx, dy) => {
    if (!drawing || source !== inside._buffer) {
      blit.call(grid, source, x, y, w, h, dx, dy);
    } else if (w > 0 && h > 0) {
      const [left, top, right, bottom] = drawn ?? [x, y, x, y];
      drawn = [Math.min(left, x), Math.min(top, y), Math.max(right, x + w), Math.max(bottom, y + h)];
    }
  };
  inside._drawCells = region => {
    drawing = true;
    try {
      draw.call(grid, region);
    } finally {
      drawing = false;
    }
    if (drawn) {
      const [left, top, right, bottom] = drawn;
      drawn = null;
      blit.call(grid, inside._buffer!, left, top, right - left, bottom - top, left, top);
    }
  };
}
