/** What the catalog's routes answer. */

import type { IRows } from '../frame/rows-table';

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
  /** `pii`, `restricted`, `public` …, '' for none. */
  sensitivity: string;
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

/** Tables of a namespace, a page of them. */
export interface ITablePage {
  tables: ITable[];
  count: number;
  next: string | null;
}

export interface IFoundTables {
  tables: (ITable & { catalog: string; namespace: string })[];
  more: boolean;
  left_out: Record<string, string>;
}

export interface IFacts {
  format_version: number;
  location: string;
  partitioning: string[];
  sorted_by: string[];
  rows: number | null;
  size: number | null;
  files: number | null;
  updated: string | null;
  retention: string;
  properties: Record<string, string>;
  links: Record<string, string>;
}

/** What a snapshot did. */
export interface IChange {
  id: string;
  parent: string | null;
  at: string;
  operation: string;
  rows: number | null;
  added_rows: number | null;
  removed_rows: number | null;
  added_files: number | null;
  removed_files: number | null;
  size: number | null;
  writer: string;
  current: boolean;
  ancestor: boolean;
  refs: string[];
}

export interface IHistory {
  snapshots: IChange[];
  count: number;
  next: string | null;
}

export interface IColumnStatistics {
  name: string;
  type: string;
  nulls: number | null;
  null_share: number | null;
  nans: number | null;
  smallest: string | null;
  largest: string | null;
  distinct: number | null;
  size: number | null;
}

export interface IStatistics {
  snapshot: string | null;
  rows: number;
  files: number;
  deletes: number;
  columns: IColumnStatistics[];
}

export interface IDiff {
  before: IDiffSide;
  after: IDiffSide;
  same: boolean;
  added: number;
  removed: number;
  changed: number;
  key: string[];
  columns: { kind: string; column: string; before: string; after: string }[];
  rows: IRows;
  method: string;
  notes: string[];
  seconds: number;
}

export interface IDiffSide {
  pin: string;
  snapshot: string | null;
  committed: string | null;
  rows: number | null;
}
