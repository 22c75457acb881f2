/** What the routes of jobs and runs answer. */

export type {
  RunSummary as IRunSummary,
  TaskRunDetail as ITaskRun,
  RunDetail as IRun,
  RunList as IRunList,
  TargetList as ITargetList,
  JobSummary as IJobSummary,
  JobList as IJobList,
  TaskSummary as ITask,
  JobProblem as IProblem,
  JobDetail as IJob,
  LogAnswer as ILogLines,
  LogSearchAnswer as ILogHits,
  BackfillPlan as IBackfillPlan
} from '../frame/routes';

export type RunState = 'queued' | 'running' | 'success' | 'failed' | 'cancelled' | 'skipped';

export const RUN_STATES: RunState[] = ['running', 'queued', 'success', 'failed', 'cancelled'];
export const ENDED: ReadonlySet<RunState> = new Set<RunState>(['success', 'failed', 'cancelled', 'skipped']);

export interface ILogGrew {
  run: string;
  task: string;
  total: number;
  complete: boolean;
}

export const LOG_GREW = 'urn:olo-jupyter:log-grew:v1';
