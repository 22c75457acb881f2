/** Time travel in a statement's own text. Pure. */

import type { ITableRead } from './answers';

/**
 * The statement with a table's FOR … AS OF set, or taken away where `pin` is ''.
 *
 * @param table - With offsets of code points, as the server counts.
 */
export function pinTable(sql: string, table: ITableRead, pin: string): string {
  const points = Array.from(sql);
  const text = (from: number, to?: number): string => points.slice(from, to).join('');
  if (table.period) {
    const [from, to] = table.period;
    return pin ? text(0, from) + pin + text(to) : text(0, from).replace(/[ \t]+$/, '') + text(to);
  }
  return pin ? `${text(0, table.end)} ${pin}${text(table.end)}` : sql;
}

/** What a table is pinned to in the text, '' for nothing. */
export function tablePin(sql: string, table: ITableRead): string {
  return table.period
    ? Array.from(sql)
        .slice(...table.period)
        .join('')
    : '';
}

/** FOR VERSION AS OF a snapshot's id, or a ref's name. */
export function versionPin(version: string, kind: 'snapshot' | 'ref'): string {
  return `FOR VERSION AS OF ${kind === 'snapshot' ? version : `'${version.replaceAll("'", "''")}'`}`;
}

/** The parts of a table's name as SQL writes it: `dev."two words".t` has three. */
export function namesIn(sqlName: string): string[] {
  return [...sqlName.matchAll(/"((?:[^"]|"")*)"|[^."]+/g)].map(([whole, quoted]) =>
    quoted === undefined ? whole : quoted.replaceAll('""', '"')
  );
}
