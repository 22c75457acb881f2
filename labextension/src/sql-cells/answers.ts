/** What the server's routes for SQL cells answer. */

export interface ISqlProblem {
  code: string;
  message: string;
  hint: string;
  /** Counted from 1 in the statement; null where unknown. */
  line: number | null;
  column: number | null;
}

export interface IFormattedSql {
  text: string;
  problem: ISqlProblem | null;
}

export interface ISnapshot {
  /** Decimal digits: it has 64 bits. */
  id: string;
  at: string;
  operation: string;
  rows: number | null;
}

export interface IRef {
  name: string;
  kind: 'branch' | 'tag';
  snapshot: string;
}

export interface ITableRead {
  sql_name: string;
  written: string;
  /** Offset behind the table's name, in code points. */
  end: number;
  /** Offsets of its FOR … AS OF. */
  period: [number, number] | null;
  snapshots: ISnapshot[];
  snapshot_count: number;
  refs: IRef[];
  failure: string;
}

export interface ITablesRead {
  tables: ITableRead[];
  problem: ISqlProblem | null;
}
