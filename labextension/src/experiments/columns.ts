/** The columns of a table of runs: which there are, what a run has there, how they sort. */

import type { IExperimentRun, MetricValue } from './answers';

export interface IColumn {
  /** `metric:rmse`, `param:depth`. */
  id: string;
  kind: 'metric' | 'param';
  name: string;
}

export function columns(metrics: Iterable<string>, params: Iterable<string>): IColumn[] {
  return [
    ...[...metrics].map((name): IColumn => ({ id: `metric:${name}`, kind: 'metric', name })),
    ...[...params].map((name): IColumn => ({ id: `param:${name}`, kind: 'param', name }))
  ];
}

export function cell(run: IExperimentRun, { kind, name }: IColumn): string {
  if (kind === 'param') {
    return run.params[name] ?? '';
  }
  const value = run.metrics[name];
  return value === undefined ? '' : metricText(value);
}

/** @example metricText(0.123456789) is '0.123457' */
export function metricText(value: MetricValue): string {
  if (typeof value !== 'number') {
    return value;
  }
  return Number.isInteger(value) && Math.abs(value) < 1e15
    ? value.toLocaleString()
    : String(Number(value.toPrecision(6)));
}

export interface ISort {
  column: string;
  ascending: boolean;
}

/** The order in MLflow's words, '' for the newest first. Names with other signs than letters stand in backticks. */
export function orderText(sort: ISort | null): string {
  if (!sort) {
    return '';
  }
  const way = sort.ascending ? 'ASC' : 'DESC';
  const [kind, ...rest] = sort.column.split(':');
  const name = rest.join(':');
  if (kind !== 'metric' && kind !== 'param') {
    return `attributes.${sort.column} ${way}`;
  }
  return `${kind}s.${/^\w+$/.test(name) ? name : `\`${name}\``} ${way}`;
}

/** The next order after a click on a column's head: down, up, none. */
export function nextSort(sort: ISort | null, column: string): ISort | null {
  if (sort?.column !== column) {
    return { column, ascending: false };
  }
  return sort.ascending ? null : { column, ascending: true };
}
