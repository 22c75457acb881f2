/** What the routes of jobs and runs answer. */

export type RunState = 'queued' | 'running' | 'success' | 'failed' | 'cancelled' | 'skipped';

export const RUN_STATES: RunState[] = ['running', 'queued', 'success', 'failed', 'cancelled'];
export const ENDED: ReadonlySet<RunState> = new Set<RunState>(['success', 'failed', 'cancelled', 'skipped']);

export interface IRunSummary {
  id: string;
  job: string;
  target: string;
  /** Git ref or commit that it ran from, '' for the working tree. */
  ref: string;
  user: string;
  state: RunState;
  started: string | null;
  ended: string | null;
  /** The time that it stands for. */
  moment: string | null;
  /** The backfill that it is part of, '' for none. */
  backfill: string;
  message: string;
}

export interface ITaskRun {
  name: string;
  kind: string;
  state: RunState;
  started: string | null;
  ended: string | null;
  attempts: number;
  /** Rows written, null where unknown. */
  rows: number | null;
  /** Snapshot id of each table. */
  reads: Record<string, string>;
  writes: Record<string, string>;
  tests_passed: number;
  tests_failed: number;
  message: string;
}

export interface IRun extends IRunSummary {
  parameters: Record<string, unknown>;
  warnings: string[];
  tasks: ITaskRun[];
}

export interface IRunList {
  runs: IRunSummary[];
  /** Asks for the runs after these, '' at the end. */
  next: string;
  now: string;
}

export interface ITarget {
  name: string;
  /** `local`, or one of olo.yml's. */
  orchestrator: string;
}

export interface ITargetList {
  targets: ITarget[];
  default: string;
}

export interface IJobSummary {
  name: string;
  description: string;
  owner: string;
  tags: string[];
  schedule: string;
  /** null where the orchestrator has no schedules. */
  paused: boolean | null;
  next_run: string | null;
  /** Why it can't run, '' where it can. */
  problem: string;
  last: IRunSummary | null;
  /** Of its `ended` newest runs so many did. */
  succeeded: number;
  ended: number;
}

export interface IJobList {
  jobs: IJobSummary[];
  total: number;
  now: string;
}

export interface ITask {
  name: string;
  kind: string;
  depends_on: string[];
}

export interface IProblem {
  line: number;
  column: number;
  message: string;
  hint: string;
}

export interface IJob {
  name: string;
  description: string;
  owner: string;
  tags: string[];
  schedule: string;
  paused: boolean | null;
  next_run: string | null;
  /** Path of the spec in the project, '' where it has none here. */
  file: string;
  /** The same for the file browser, '' where it can't be opened there. */
  path: string;
  tasks: ITask[];
  /** The JSON Schema of the values that a run may be given. */
  parameters: Record<string, unknown>;
  problems: IProblem[];
}

export interface ILogLines {
  lines: string[];
  first: number;
  total: number;
  size: number;
  /** There will be no more. */
  complete: boolean;
}

export interface ILogHits {
  lines: number[];
  next: number | null;
}

export interface IBackfillPlan {
  job: string;
  moments: { at: string; run: string }[];
  to_run: number;
  id: string;
}

export interface ILogGrew {
  run: string;
  task: string;
  total: number;
  complete: boolean;
}

export const LOG_GREW = 'urn:olo-jupyter:log-grew:v1';
