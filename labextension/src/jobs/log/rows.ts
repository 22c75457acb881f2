/** Which lines are in sight, for any number of lines: a browser can't make an element as high as two million of them. */

export const ROW = 18;
export const HIGHEST = 8_000_000;
const MARGIN = 10;

export interface IRows {
  /** Height (px) of what is scrolled. */
  height: number;
  first: number;
  /** One past the last. */
  last: number;
  /** Where the first line is, px from the top. */
  top: number;
}

/**
 * The lines to draw. Where all would be too high, the scroll position is taken as a part of the way instead of as lines.
 *
 * @param scrollTop - px
 * @param view - height (px) of what can be seen
 */
export function visibleRows(scrollTop: number, view: number, count: number): IRows {
  const height = Math.min(count * ROW, HIGHEST);
  const way = Math.max(1, height - view);
  const ratio = height < HIGHEST ? 1 : (count * ROW - view) / way;
  const at = Math.min(scrollTop, way) * ratio;
  const first = Math.max(0, Math.min(Math.floor(at / ROW) - MARGIN, count));
  const last = Math.min(count, Math.ceil((at + view) / ROW) + MARGIN);
  return { height, first, last, top: Math.min(scrollTop, way) - (at - first * ROW) };
}

/** The scroll position that brings a line to the middle. */
export function scrollTo(line: number, view: number, count: number): number {
  const height = Math.min(count * ROW, HIGHEST);
  const way = Math.max(0, height - view);
  const ratio = height < HIGHEST ? 1 : (count * ROW - view) / Math.max(1, way);
  return Math.max(0, Math.min(way, (line * ROW - view / 2 + ROW / 2) / ratio));
}
