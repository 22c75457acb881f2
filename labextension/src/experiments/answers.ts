/** What the routes of experiments and models answer. */

export type {
  Experiment as IExperiment,
  ExperimentList as IExperimentList,
  RunLinks as IRunLinks,
  ExperimentRun as IExperimentRun,
  ExperimentRunList as IExperimentRunList,
  MetricHistory as IMetricHistory,
  ArtifactEntry as IArtifactEntry,
  RegisteredModel as IModel
} from '../frame/routes';

export type MetricValue = number | 'NaN' | 'Infinity' | '-Infinity';
