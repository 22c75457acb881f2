import type { TranslationBundle } from '@jupyterlab/translation';

import type { IBundle } from './bundle';

export const count = new Intl.NumberFormat('en-US');
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/**
 * Bytes as the kernel writes them.
 *
 * @example `sizeText(2_500_000) === '2.5 MB'`
 */
export function sizeText(bytes: number): string {
  let unit = 0;
  let size = bytes;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit ? size.toFixed(1) : size} ${UNITS[unit]}`;
}

/**
 * What stands above the grid, part by part: rows, engine, seconds, bytes read, snapshots, the notebook's pin, masked columns.
 *
 * @example `['336,776 rows', 'embedded', '0.12 s', '2.5 MB read', 'dev.silver.flights @ 4321', 'as of 2026-01-31']`
 */
export function captionParts(bundle: IBundle, trans: TranslationBundle): string[] {
  const { engine, seconds, bytes, snapshots, written, rows, asOf } = bundle.provenance;
  const parts = [
    written.size
      ? trans._n('%2 row written', '%2 rows written', rows ?? 0, count.format(rows ?? 0))
      : trans._n('%2 row', '%2 rows', bundle.rows, count.format(bundle.rows)),
    engine
  ];
  if (seconds !== null) {
    parts.push(trans.__('%1 s', seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1)));
  }
  if (bytes) {
    parts.push(trans.__('%1 read', sizeText(bytes)));
  }
  const points = written.size ? written : snapshots;
  if (points.size <= 2) {
    parts.push(...Array.from(points, ([table, id]) => `${table} @ ${id}`));
  } else {
    parts.push(trans.__('%1 tables, each at its snapshot', points.size));
  }
  if (asOf) {
    parts.push(trans.__('as of %1', asOf));
  }
  parts.push(...bundle.notes);
  if (bundle.masked.size) {
    parts.push(trans.__('masked here: %1', [...bundle.masked].join(', ')));
  }
  return parts;
}

/** The whole provenance, a line each: the caption's tooltip. */
export function provenanceText(bundle: IBundle, trans: TranslationBundle): string {
  const { queryId, snapshots, written, fingerprint, sql } = bundle.provenance;
  return [
    ...Array.from(written, ([table, id]) => trans.__('%1 written: snapshot %2', table, id)),
    ...Array.from(snapshots, ([table, id]) => trans.__('%1 @ snapshot %2', table, id)),
    queryId && trans.__('query %1', queryId),
    fingerprint && trans.__('fingerprint %1', fingerprint),
    sql && `\n${sql}`
  ]
    .filter(Boolean)
    .join('\n');
}

/** What the grid leaves out, '' when it shows everything. */
export function omission(bundle: IBundle, shown: number, trans: TranslationBundle): string {
  const lines = [];
  if (shown < bundle.rows) {
    lines.push(
      trans.__(
        'The first %1 of %2 rows are kept here: sorting, filters and figures know only these.',
        count.format(shown),
        count.format(bundle.rows)
      )
    );
  }
  if (bundle.truncated) {
    lines.push(trans.__('The limit cut the result: the query has more rows.'));
  }
  return lines.join(' ');
}
