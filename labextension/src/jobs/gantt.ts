/** A run's tasks on a time axis. */

import type { ITaskRun } from './answers';

export interface IBar {
  task: ITaskRun;
  /** Part of the axis, 0 to 1; null for a task that hasn't started. */
  from: number | null;
  width: number;
  /** ms */
  duration: number | null;
}

export interface IGantt {
  /** ms since the epoch */
  start: number;
  end: number;
  /** Seconds since the start, with where they stand (0 to 1). */
  ticks: { seconds: number; at: number }[];
  bars: IBar[];
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];
const TICKS = 6;

/**
 * @param now - the server's time, ms: where the bars of running tasks end
 *
 * Clocks of machines differ: a task that ended before it started has the width of nothing.
 */
export function gantt(tasks: readonly ITaskRun[], now: number): IGantt {
  const times = tasks.map(({ started, ended, state }) => {
    const from = started === null ? null : Date.parse(started);
    const to = ended === null ? (state === 'running' ? now : from) : Date.parse(ended);
    return { from, to: from === null ? null : Math.max(from, to ?? from) };
  });
  const starts = times.flatMap(({ from }) => (from === null ? [] : [from]));
  const ends = times.flatMap(({ to }) => (to === null ? [] : [to]));
  const start = starts.length ? Math.min(...starts) : now;
  const end = Math.max(start + 1000, ...(ends.length ? [Math.max(...ends)] : []));
  const span = end - start;
  const step =
    STEPS.find(seconds => span / 1000 / seconds <= TICKS) ?? Math.ceil(span / 1000 / TICKS / 86_400) * 86_400;
  const ticks = [];
  for (let seconds = 0; seconds * 1000 <= span; seconds += step) {
    ticks.push({ seconds, at: (seconds * 1000) / span });
  }
  const bars = tasks.map((task, index) => {
    const { from, to } = times[index]!;
    return {
      task,
      from: from === null ? null : (from - start) / span,
      width: from === null ? 0 : (to! - from) / span,
      duration: from === null ? null : to! - from
    };
  });
  return { start, end, ticks, bars };
}

/** A round time of the axis: `0`, `30 s`, `5 min`, `2 h`. */
export function tickText(seconds: number): string {
  const [size, unit] = seconds < 60 ? [1, 's'] : seconds < 3600 ? [60, 'min'] : [3600, 'h'];
  return seconds === 0 ? '0' : `${Number((seconds / size).toFixed(1))} ${unit}`;
}
