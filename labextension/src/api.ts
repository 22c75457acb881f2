/** The server extension's routes, typed. */

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

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

export interface IProblem {
  line: number;
  column: number;
  message: string;
}

export interface IJob {
  name: string;
  /** Path of the spec in the project. */
  file: string;
  /** The same for the file browser, '' where it can't be opened there. */
  path: string;
  description: string;
  owner: string;
  schedule: string;
  tasks: { name: string; kind: string; depends_on: string[] }[];
  /** What is wrong with the spec; a job with problems has no tasks. */
  problems: IProblem[];
}

export type RunState = 'queued' | 'running' | 'success' | 'failed' | 'cancelled' | 'skipped';

export interface ITaskRun {
  name: string;
  state: RunState;
  started: string | null;
  ended: string | null;
  rows: number | null;
  message: string;
}

export interface IRun {
  id: string;
  job: string;
  target: string;
  ref: string;
  state: RunState;
  started: string | null;
  ended: string | null;
  message: string;
  tasks: ITaskRun[];
}

/** What the server said no with. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly hint: string
  ) {
    super(message);
  }
}

/** Reads catalogs, jobs and runs. */
export interface IApi {
  catalogs(): Promise<ICatalog[]>;
  namespaces(catalog: string): Promise<string[]>;
  tables(catalog: string, namespace: string): Promise<ITable[]>;
  table(catalog: string, namespace: string, table: string): Promise<ITableDetail>;
  jobs(): Promise<IJob[]>;
  runs(): Promise<IRun[]>;
}

/** The routes of the Jupyter server that this page came from. */
export class Api implements IApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  async catalogs(): Promise<ICatalog[]> {
    return (await this.get<{ catalogs: ICatalog[] }>('catalogs')).catalogs;
  }

  async namespaces(catalog: string): Promise<string[]> {
    return (await this.get<{ namespaces: string[] }>('catalogs', catalog, 'namespaces')).namespaces;
  }

  async tables(catalog: string, namespace: string): Promise<ITable[]> {
    return (await this.get<{ tables: ITable[] }>('catalogs', catalog, 'namespaces', namespace, 'tables')).tables;
  }

  table(catalog: string, namespace: string, table: string): Promise<ITableDetail> {
    return this.get('catalogs', catalog, 'namespaces', namespace, 'tables', table);
  }

  async jobs(): Promise<IJob[]> {
    return (await this.get<{ jobs: IJob[] }>('jobs')).jobs;
  }

  async runs(): Promise<IRun[]> {
    return (await this.get<{ runs: IRun[] }>('runs')).runs;
  }

  private async get<T>(...path: string[]): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, 'olo', 'api', ...path.map(encodeURIComponent));
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, {}, this.settings);
    } catch {
      throw new ApiError('The Jupyter server does not answer.', 'unreachable', 'Check that it runs, then try again.');
    }
    const text = await response.text();
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      body = null;
    }
    if (!response.ok || body === null) {
      const { message, code, hint } = (body ?? {}) as Partial<Record<'message' | 'code' | 'hint', string>>;
      throw new ApiError(message ?? `The server answered ${response.status}.`, code ?? 'error', hint ?? '');
    }
    return body as T;
  }
}
