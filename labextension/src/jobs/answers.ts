/** What the routes of jobs and runs answer. */

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
