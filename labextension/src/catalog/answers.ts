/** What the catalog's routes answer. */

export interface ICatalog {
  name: string;
  /** `direct`, or `trino` for a governed catalog that only Trino may read. */
  access: 'direct' | 'trino';
  sandbox: boolean;
}

export interface ITable {
  name: string;
  /** The full name as SQL, quoted where needed. */
  sql_name: string;
  kind: 'table' | 'view';
}

export interface IColumn {
  name: string;
  sql_name: string;
  type: string;
  required: boolean;
  comment: string;
}

export interface ISnapshot {
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

export interface ITableDetail extends ITable {
  catalog: string;
  namespace: string;
  comment: string;
  columns: IColumn[];
  /** Newest first; `snapshot_count` counts those left out too. */
  snapshots: ISnapshot[];
  snapshot_count: number;
  refs: IRef[];
}
