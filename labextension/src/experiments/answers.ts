/** What the routes of experiments and models answer. */

export type MetricValue = number | 'NaN' | 'Infinity' | '-Infinity';
export type ExperimentRunState = 'scheduled' | 'running' | 'finished' | 'failed' | 'killed' | 'unknown';

export interface IExperiment {
  id: string;
  name: string;
  created: string | null;
  updated: string | null;
  tags: Record<string, string>;
  url: string;
}

export interface IExperimentList {
  experiments: IExperiment[];
  next: string;
}

/** What a run belongs to in this project; '' for nothing. */
export interface IRunLinks {
  job: string;
  job_run: string;
  task: string;
  promotion: string;
  commit: string;
}

export interface IExperimentRun {
  id: string;
  name: string;
  experiment: string;
  state: ExperimentRunState;
  user: string;
  started: string | null;
  ended: string | null;
  metrics: Record<string, MetricValue>;
  params: Record<string, string>;
  tags: Record<string, string>;
  links: IRunLinks;
  url: string;
}

export interface IExperimentRunList {
  runs: IExperimentRun[];
  metric_names: string[];
  param_names: string[];
  next: string;
}

export interface IMetricHistory {
  run: string;
  key: string;
  points: { step: number; at: string; value: MetricValue }[];
  sampled: boolean;
}

export interface IArtifactEntry {
  path: string;
  directory: boolean;
  size: number | null;
}

export interface IModelVersion {
  version: string;
  state: string;
  description: string;
  run: string;
  created: string | null;
  aliases: string[];
  tags: Record<string, string>;
  links: IRunLinks;
  url: string;
}

export interface IModel {
  name: string;
  description: string;
  created: string | null;
  updated: string | null;
  aliases: Record<string, string>;
  tags: Record<string, string>;
  versions: IModelVersion[];
  url: string;
}
