/** What the routes of queries answer. */

export interface ISavedQuery {
  name: string;
  description: string;
  sql: string;
  engine: string;
  as_of: string;
  parameters: Record<string, unknown>;
  path: string;
  /** The text of a notebook's cell that runs it. */
  cell: string;
}

export interface ISavedQueries {
  queries: ISavedQuery[];
  faults: { message: string; hint: string }[];
}

export interface IEntry {
  id: number;
  started: string;
  user: string;
  engine: string;
  sql: string;
  as_of: string;
  tables: string[];
  rows: number | null;
  bytes: number | null;
  seconds: number | null;
  state: 'running' | 'finished' | 'failed' | 'cancelled' | 'lost';
  error: string;
  query_id: string;
  notebook: string;
  cell: string;
}

export interface IQueryHistory {
  entries: IEntry[];
  more: boolean;
}
