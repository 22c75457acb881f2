/** A metric of several runs: lines by its steps, as paths, or bars where it was logged once. */

import type { IMetricHistory } from './answers';

export const WIDTH = 720;
export const HEIGHT = 220;
const LEFT = 56;
const BOTTOM = 26;
const TOP = 8;
const RIGHT = 12;

export interface IChart {
  lines: { run: string; path: string; last: number | null }[];
  x: { at: number; text: string }[];
  y: { at: number; text: string }[];
}

export interface IBar {
  run: string;
  value: number;
  /** Shares of the width, 0 to 1: negative values go left from zero. */
  from: number;
  size: number;
}

/** One bar a run where no run has logged the metric more than once: a line needs two points. Else null. */
export function bars(histories: readonly IMetricHistory[]): IBar[] | null {
  const own = histories.map(({ run, points }) => ({
    run,
    values: points.flatMap(({ value }) => (typeof value === 'number' ? [value] : []))
  }));
  if (own.some(({ values }) => values.length > 1)) {
    return null;
  }
  const found = own.flatMap(({ run, values }) => values.map(value => ({ run, value })));
  const low = Math.min(0, ...found.map(({ value }) => value));
  const width = Math.max(0, ...found.map(({ value }) => value)) - low || 1;
  return found.map(({ run, value }) => ({
    run,
    value,
    from: (Math.min(0, value) - low) / width,
    size: Math.abs(value) / width
  }));
}

/** Values that are no numbers leave a gap. */
export function chart(histories: readonly IMetricHistory[]): IChart {
  const points = histories.flatMap(({ points }) =>
    points.flatMap(({ step, value }) => (typeof value === 'number' ? [{ step, value }] : []))
  );
  if (points.length === 0) {
    return { lines: histories.map(({ run }) => ({ run, path: '', last: null })), x: [], y: [] };
  }
  const [x0, x1] = range(points.map(({ step }) => step));
  const [y0, y1] = range(points.map(({ value }) => value));
  const x = (step: number): number => LEFT + ((step - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - ((value - y0) / (y1 - y0)) * (HEIGHT - BOTTOM - TOP);
  const lines = histories.map(({ run, points: own }) => {
    let path = '';
    let pen = 'M';
    let last: number | null = null;
    for (const { step, value } of own) {
      if (typeof value === 'number') {
        path += `${pen}${x(step).toFixed(1)} ${y(value).toFixed(1)}`;
        pen = 'L';
        last = value;
      } else {
        pen = 'M';
      }
    }
    return { run, path: /L/.test(path) ? path : path && `${path}h0.1`, last };
  });
  return {
    lines,
    x: ticks(x0, x1).map(step => ({ at: x(step), text: step.toLocaleString() })),
    y: ticks(y0, y1).map(value => ({ at: y(value), text: String(Number(value.toPrecision(4))) }))
  };
}

/** The smallest and the greatest; where they are one, something around it. */
function range(values: readonly number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** Round numbers between two. */
function ticks(low: number, high: number): number[] {
  const raw = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(size => size >= raw)!;
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step) {
    found.push(Math.abs(value) < step * 1e-9 ? 0 : value);
  }
  return found;
}
