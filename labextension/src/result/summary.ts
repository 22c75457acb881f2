/** What a column of the preview holds. Pure. */

import type { IPreview, Key } from './model';
import { compareKeys } from './order';

export interface IBar {
  rows: number;
  /** What the bar counts: a value, or the bounds of a range. */
  label: string;
}

export interface ISummary {
  rows: number;
  nulls: number;
  distinct: number;
  /** Texts of the smallest and largest value; null where there is none, or no order. */
  min: string | null;
  max: string | null;
  /** Ranges of equal width for numbers and times, else the most frequent values; empty where there is nothing to draw. */
  bars: IBar[];
  kind: 'histogram' | 'frequent';
  /** Rows with values that no bar counts. */
  others: number;
}

const BINS = 12;
const MOST_FREQUENT = 6;
/** So many rows are a step: a millisecond or two. */
const STEP = 4096;

/** Look at every row of a column. */
export function summarize(preview: IPreview, column: number): ISummary {
  const steps = summarizing(preview, column);
  for (;;) {
    const { done, value } = steps.next();
    if (done) {
      return value;
    }
  }
}

/** The same in steps, between which a page may draw: a hundred thousand rows take longer than a frame. */
export function* summarizing(preview: IPreview, column: number): Generator<void, ISummary> {
  const keys = preview.keys(column);
  // By key where there is one: writing every value out would cost more than all the rest.
  const counts = new Map<Key, ICount>();
  let [nulls, min, max] = [0, -1, -1];
  let numbers = 0;
  for (let row = 0; row < preview.rows; row++) {
    if (row % STEP === STEP - 1) {
      yield;
    }
    const key = keys ? keys[row]! : preview.text(row, column);
    if (key === null) {
      nulls++;
      continue;
    }
    const seen = counts.get(key);
    if (seen) {
      seen.rows++;
      continue;
    }
    counts.set(key, { rows: 1, row });
    if (!keys) {
      continue;
    }
    if (min < 0 || compareKeys(key, keys![min]!) < 0) {
      min = row;
    }
    if (max < 0 || compareKeys(key, keys![max]!) > 0) {
      max = row;
    }
    numbers += Number(typeof key !== 'string' && Number.isFinite(Number(key)));
  }
  const base = {
    rows: preview.rows,
    nulls,
    distinct: counts.size,
    min: min < 0 ? null : preview.text(min, column),
    max: max < 0 ? null : preview.text(max, column)
  };
  return keys && numbers > MOST_FREQUENT
    ? { ...base, kind: 'histogram', ...(yield* histogram(preview, column, keys)) }
    : { ...base, kind: 'frequent', ...frequent(preview, column, counts) };
}

/** A value: how many rows have it, and the first of them. */
interface ICount {
  rows: number;
  row: number;
}

function frequent(preview: IPreview, column: number, counts: Map<Key, ICount>): Pick<ISummary, 'bars' | 'others'> {
  // Each once past the few that are kept: sorting all of them would take longest where all are different.
  const most: ICount[] = [];
  let all = 0;
  for (const count of counts.values()) {
    all += count.rows;
    if (most.length < MOST_FREQUENT || count.rows > most[most.length - 1]!.rows) {
      most.push(count);
      most.sort((a, b) => b.rows - a.rows || a.row - b.row);
      most.length = Math.min(most.length, MOST_FREQUENT);
    }
  }
  const bars = most.map(({ rows, row }) => ({ rows, label: preview.text(row, column) ?? '' }));
  // Values that are all different have no frequent ones.
  const drawn = counts.size > 1 && most[0]!.rows === 1 && counts.size > MOST_FREQUENT ? [] : bars;
  return { bars: drawn, others: all - drawn.reduce((sum, { rows }) => sum + rows, 0) };
}

function* histogram(
  preview: IPreview,
  column: number,
  keys: (Key | null)[]
): Generator<void, Pick<ISummary, 'bars' | 'others'>> {
  let [low, high, others] = [Infinity, -Infinity, 0];
  const values = keys.map(key => (key === null ? null : Number(key)));
  yield;
  for (const value of values) {
    if (value !== null && Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const width = (high - low) / BINS;
  const bins = Array.from({ length: BINS }, () => ({ rows: 0, first: -1, last: -1 }));
  for (const [row, value] of values.entries()) {
    if (row % STEP === STEP - 1) {
      yield;
    }
    if (value === null) {
      continue;
    }
    if (!Number.isFinite(value) || !Number.isFinite(width)) {
      others++;
      continue;
    }
    const bin = bins[Math.min(BINS - 1, Math.floor((value - low) / width))]!;
    bin.rows++;
    if (bin.first < 0 || compareKeys(keys[row]!, keys[bin.first]!) < 0) {
      bin.first = row;
    }
    if (bin.last < 0 || compareKeys(keys[row]!, keys[bin.last]!) > 0) {
      bin.last = row;
    }
  }
  const text = (row: number): string => (row < 0 ? '' : (preview.text(row, column) ?? ''));
  const bars = bins.map(({ rows, first, last }) => ({
    rows,
    label: first === last || text(first) === text(last) ? text(first) : `${text(first)} – ${text(last)}`
  }));
  return { bars: Number.isFinite(width) ? bars : [], others };
}
