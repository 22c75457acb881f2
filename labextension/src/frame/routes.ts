/** The routes and what they answer. Made from docs/openapi.json by scripts/published.py: do not edit. */

import type { IApi } from './api';
import { route } from './api';

/** A file or folder among a run's artefacts; ``path`` counts from their root. */
export interface ArtifactEntry {
  path: string;
  directory: boolean;
  /** Bytes; None for a folder. */
  size: number | null;
}

/** The entries of one folder, folders first. */
export interface ArtifactList {
  run: string;
  path: string;
  entries: ArtifactEntry[];
}

/** Which folder of a run's artefacts. */
export interface ArtifactQuery {
  path?: string;
}

/** One thing that somebody did, or tried. ``detail`` is the error's code where it isn't done. */
export interface AuditEntry {
  number: number;
  at: string;
  who: string;
  action: string;
  subject: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  outcome: "done" | "failed" | "denied";
  detail: string;
}

/** Entries, the newest first; ``more`` where there are older ones. */
export interface AuditList {
  entries: AuditEntry[];
  more: boolean;
}

/** Which entries: what isn't given holds for all. ``subject`` may end with ``*``; ``before`` pages on. */
export interface AuditQuery {
  who?: string;
  action?: string;
  subject?: string;
  outcome?: "done" | "failed" | "denied" | null;
  since?: string | null;
  until?: string | null;
  /** Entries with a smaller number. */
  before?: number | null;
  limit?: number;
}

/** A moment that a run stands for; ``run`` is the id of the one that succeeded already, '' where there is none. */
export interface BackfillMoment {
  at: string;
  run: string;
}

/** The runs of a backfill: ``to_run`` of the moments have none yet. ``id`` is '' before it was started. */
export interface BackfillPlan {
  job: string;
  moments: BackfillMoment[];
  to_run: number;
  id: string;
}

/** The first and the last day of a backfill. */
export interface BackfillQuery {
  target?: string;
  start: string;
  end: string;
}

/** All catalogs, the default one first. */
export interface CatalogList {
  catalogs: CatalogSummary[];
}

/** A catalog. ``access: trino`` marks a governed one; ``sandbox`` the person's own. */
export interface CatalogSummary {
  name: string;
  access: "direct" | "trino";
  sandbox: boolean;
}

/** A promoted cell; ``changed``: not what was promoted any more, ``gone``: the notebook doesn't have it any more. */
export interface CellDetail {
  id: string;
  state: "promoted" | "changed" | "gone";
}

/** The snapshot that a ref or the table points to now. */
export interface Changed {
  snapshot: string;
}

/** What a check says of the pull request's commit. */
export interface CheckDetail {
  name: string;
  outcome: "pending" | "success" | "failure" | "neutral";
  url: string;
}

/** A column with its Trino type; ``required`` columns hold no NULL. ``sensitivity``: its tag, pii … */
export interface ColumnDetail {
  name: string;
  sql_name: string;
  type: string;
  required: boolean;
  comment: string;
  sensitivity: string;
}

/** The target column is made of the source column; a target column '' stands for all columns of the dataset. ``kind`` is OpenLineage's: DIRECT (the value) or INDIRECT (a filter, join, group, sort, window or condition), '' where the event doesn't say; ``how`` names the transformation, e.g. IDENTITY, AGGREGATION, FILTER. */
export interface ColumnEdge {
  source: ColumnPlace;
  target: ColumnPlace;
  kind: "DIRECT" | "INDIRECT" | "";
  how: string;
  masking: boolean;
}

/** The columns within ``depth`` steps of those of ``node`` (of its ``column``, where one is named). */
export interface ColumnGraph {
  node: string;
  column: string;
  depth: number;
  columns: ColumnPlace[];
  edges: ColumnEdge[];
  truncated: boolean;
}

/** A column of a dataset. */
export interface ColumnPlace {
  node: string;
  column: string;
}

/** Which columns: those of a dataset, or one of them. */
export interface ColumnQuery {
  node: string;
  column?: string;
  depth?: number;
}

/** A column over all data files, by Iceberg's metadata; None where the files' writers left it out. ``smallest`` and ``largest`` bound the values (long texts are shortened by writers), hidden for tagged columns. */
export interface ColumnStatistics {
  name: string;
  type: string;
  nulls: number | null;
  null_share: number | null;
  nans: number | null;
  smallest: string | null;
  largest: string | null;
  /** Estimate that an engine's ANALYZE left, None where none did. */
  distinct: number | null;
  /** Bytes in the files. */
  size: number | null;
}

/** Of the project and its last 24 hours. */
export interface Counts {
  jobs: number;
  running: number;
  succeeded: number;
  failed: number;
}

/** A target that runs a promotion; ``newest``: what was promoted last. ``changed``: cells that aren't what runs. */
export interface DeployedDetail {
  target: string;
  number: number;
  commit: string;
  release: string;
  newest: boolean;
  changed: string[];
}

/** Two pins: snapshot ids, times, branches or tags; ``key`` are columns that tell which row is which. */
export interface DiffBody {
  first: string;
  second: string;
  key?: string[];
  limit?: number;
}

/** A column that differs between the two points. */
export interface DiffColumn {
  kind: string;
  column: string;
  before: string;
  after: string;
}

/** One of the two points. */
export interface DiffSide {
  pin: string;
  snapshot: string | null;
  committed: string | null;
  rows: number | null;
}

/** What became of posted events, as OpenLineage's API says it; ``stored`` counts the new ones among them. */
export interface EventReceipt {
  status: "success" | "partial_success";
  summary: EventSummary;
  failed_events: FailedEvent[];
  stored: number;
}

/** How many events came, and what became of them. */
export interface EventSummary {
  received: number;
  successful: number;
  failed: number;
}

/** An experiment. */
export interface Experiment {
  id: string;
  name: string;
  created: string | null;
  updated: string | null;
  tags: Record<string, string>;
  url: string;
}

/** Experiments, the last changed first. */
export interface ExperimentList {
  experiments: Experiment[];
  next: string;
}

/** A run; its metrics are the newest values. */
export interface ExperimentRun {
  id: string;
  name: string;
  experiment: string;
  state: "scheduled" | "running" | "finished" | "failed" | "killed" | "unknown";
  user: string;
  started: string | null;
  ended: string | null;
  metrics: Record<string, number | "NaN" | "Infinity" | "-Infinity">;
  params: Record<string, string>;
  /** Without MLflow's own (mlflow.…) and those that became links. */
  tags: Record<string, string>;
  links: RunLinks;
  url: string;
}

/** Runs, in the order that was asked for; the names are those that occur on this page, for a choice of columns. */
export interface ExperimentRunList {
  runs: ExperimentRun[];
  metric_names: string[];
  param_names: string[];
  next: string;
}

/** Which runs of an experiment; ``filter`` and ``order`` in MLflow's own words. */
export interface ExperimentRunQuery {
  filter?: string;
  order?: string;
  limit?: number;
  page?: string;
}

/** An event that wasn't stored; ``reason`` names the place in it. */
export interface FailedEvent {
  index: number;
  reason: string;
  retriable: boolean;
}

/** What every error answers, whatever its status. */
export interface Failure {
  code: string;
  message: string;
  hint?: string;
}

/** The statement laid out; with a problem it is as it came. */
export interface FormattedSql {
  text: string;
  problem: SqlProblem | null;
}

/** A table or view that a search found. */
export interface FoundTable {
  catalog: string;
  namespace: string;
  name: string;
  sql_name: string;
  kind: "table" | "view";
}

/** Tables by catalog, namespace and name; ``more`` where only the first are given. ``left_out`` names catalogs that couldn't be searched, with the reason. */
export interface FoundTables {
  tables: FoundTable[];
  more: boolean;
  left_out: Record<string, string>;
}

/** Which graph. */
export interface GraphQuery {
  node: string;
  depth?: number;
  direction?: "both" | "upstream" | "downstream";
  /** Nodes at most. */
  limit?: number;
}

/** State of every service, what failed of late, and counts; services that are down come first. */
export interface Health {
  services: ServiceHealth[];
  failures: RecentFailure[];
  sla_misses: RecentFailure[];
  counts: Counts;
  links: HealthLink[];
}

/** A link of the project, e.g. to Grafana. */
export interface HealthLink {
  title: string;
  url: string;
}

/** A statement that ran; secrets are masked in it. */
export interface HistoryEntry {
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
  state: "running" | "finished" | "failed" | "cancelled" | "lost";
  error: string;
  query_id: string;
  notebook: string;
  /** The text of a notebook's cell that runs it again. */
  cell: string;
}

/** Snapshots older than ``before`` (the ``next`` of an earlier answer). */
export interface HistoryQuery {
  before?: string;
  limit?: number;
}

/** Where something is done: as OfTarget. */
export interface InTarget {
  target?: string;
}

/** A job; one whose file has problems has no tasks. ``file`` counts from the project's folder, ``path`` from the server's, '' where that can't reach it or the job has no file here. ``parameters`` is the JSON Schema of the values that a run may be given. */
export interface JobDetail {
  name: string;
  description: string;
  owner: string;
  tags: string[];
  schedule: string;
  paused: boolean | null;
  next_run: string | null;
  file: string;
  path: string;
  tasks: TaskSummary[];
  parameters: Record<string, unknown>;
  problems: JobProblem[];
}

/** Jobs sorted by name, of ``total`` that the query finds; ``now`` is the server's clock. */
export interface JobList {
  jobs: JobSummary[];
  total: number;
  now: string;
}

/** Something wrong with a job's file, at its place (counted from 1). */
export interface JobProblem {
  line: number;
  column: number;
  message: string;
  hint: string;
}

/** A job, as a list shows it. ``paused`` is None where the orchestrator has no schedules; ``problem`` says why it can't run. Of its ``ended`` newest runs ``succeeded`` did. */
export interface JobSummary {
  name: string;
  description: string;
  owner: string;
  tags: string[];
  schedule: string;
  paused: boolean | null;
  next_run: string | null;
  problem: string;
  last: RunSummary | null;
  succeeded: number;
  ended: number;
}

/** Which jobs: ``text`` is a part of the name, description, owner or a tag; ``state`` that of the last run. */
export interface JobsQuery {
  target?: string;
  text?: string;
  owner?: string;
  tag?: string;
  state?: "queued" | "running" | "success" | "failed" | "cancelled" | "skipped" | null;
  offset?: number;
  limit?: number;
}

/** The last run of a promotion's job. */
export interface LastRunDetail {
  id: string;
  state: "queued" | "running" | "success" | "failed" | "cancelled" | "skipped";
  target: string;
  started: string | null;
}

/** A column, as a run told it. */
export interface LineageColumn {
  name: string;
  type: string;
  description: string;
}

/** The source is read by, or writes, the target. */
export interface LineageEdge {
  source: string;
  target: string;
}

/** The nodes within ``depth`` edges of ``node``; ``truncated`` where there are more than the bound allows. */
export interface LineageGraph {
  node: string;
  depth: number;
  direction: "both" | "upstream" | "downstream";
  nodes: LineageNode[];
  edges: LineageEdge[];
  truncated: boolean;
}

/** A node that a search found. */
export interface LineageMatch {
  id: string;
  kind: "job" | "dataset";
  namespace: string;
  name: string;
  /** Of the newest run of a job, of the last writer of a dataset. */
  state: "running" | "success" | "failed" | "cancelled" | "unknown" | null;
  /** Failing tests of a dataset. */
  failing: number;
  updated: string | null;
}

/** A job or a dataset. ``upstream`` and ``downstream`` count all its neighbours, shown or not: where that is more than the graph's edges show, the node can be expanded. */
export interface LineageNode {
  id: string;
  kind: "job" | "dataset";
  namespace: string;
  name: string;
  description: string;
  owners: string[];
  /** Node id of the job that this task is a part of, '' for none. */
  parent: string;
  upstream: number;
  downstream: number;
  /** Edges from the node that was asked for. */
  distance: number;
  /** Dataset: last written; job: its newest event. */
  updated: string | null;
  /** Job: its newest run. Dataset: the run that wrote it last. */
  run: LineageRun | null;
  /** Dataset: None where it has no tests. */
  tests: TestCount | null;
  /** Dataset. */
  columns: LineageColumn[];
  /** Dataset: snapshot id that was written last. */
  version: string;
  /** Dataset: rows that the last run wrote. */
  rows: number | null;
  /** Dataset: where it is a table of this project. */
  table: LineageTable | null;
}

/** A run of a job, as its events tell. */
export interface LineageRun {
  id: string;
  /** Node id of the job. */
  job: string;
  state: "running" | "success" | "failed" | "cancelled" | "unknown";
  started: string | null;
  ended: string | null;
  /** Of a failure. */
  message: string;
  /** Id of the run that it is a part of, '' for none. */
  parent: string;
}

/** Runs of a job, newest first. */
export interface LineageRuns {
  runs: LineageRun[];
}

/** Matches, those whose name begins with the text first; ``total`` counts all. */
export interface LineageSearch {
  matches: LineageMatch[];
  total: number;
}

/** The table of this project that a dataset is, for links to the catalog panel. */
export interface LineageTable {
  catalog: string;
  namespace: string;
  name: string;
}

/** Tests of a dataset, failing ones first. */
export interface LineageTests {
  tests: TestResult[];
}

/** Which runs, by what they belong to. */
export interface LinkedRunQuery {
  job?: string;
  job_run?: string;
  promotion?: string;
  limit?: number;
  page?: string;
}

/** Which experiments or models: text anywhere in the name, in any case. */
export interface ListQuery {
  text?: string;
  limit?: number;
  page?: string;
}

/** Lines ``first`` and those after it, of ``total`` in ``size`` bytes; ``complete``: there will be no more. */
export interface LogAnswer {
  lines: string[];
  first: number;
  total: number;
  size: number;
  complete: boolean;
}

/** Which lines of a log: from ``line`` on, counted from 0; a negative one counts from the end. */
export interface LogQuery {
  target?: string;
  attempt?: number | null;
  line?: number;
  count?: number;
}

/** The numbers of the lines that hold the text; ``next`` is the line to look on from, None at the end. */
export interface LogSearchAnswer {
  lines: number[];
  next: number | null;
}

/** What to look for in a log, from which line on. */
export interface LogSearchQuery {
  target?: string;
  attempt?: number | null;
  text: string;
  line?: number;
  limit?: number;
}

/** One metric of several runs. */
export interface MetricHistories {
  histories: MetricHistory[];
}

/** A run's values of a metric, by step; ``sampled`` where some were left out. */
export interface MetricHistory {
  run: string;
  key: string;
  points: MetricPoint[];
  sampled: boolean;
}

/** A value of a metric. */
export interface MetricPoint {
  step: number;
  at: string;
  value: number | "NaN" | "Infinity" | "-Infinity";
}

/** One metric of several runs, comma-separated; at most so many points of each. */
export interface MetricQuery {
  runs: string;
  key: string;
  points?: number;
}

/** Registered models by name. */
export interface ModelList {
  models: RegisteredModel[];
  next: string;
}

/** A version of a registered model. */
export interface ModelVersion {
  version: string;
  state: "pending" | "ready" | "failed" | "deleted" | "unknown";
  description: string;
  run: string;
  created: string | null;
  aliases: string[];
  tags: Record<string, string>;
  links: RunLinks;
  url: string;
}

/** A namespace, with how many jobs and datasets it has. */
export interface NamespaceCount {
  name: string;
  jobs: number;
  datasets: number;
}

/** All namespaces, sorted. */
export interface NamespaceCounts {
  namespaces: NamespaceCount[];
}

/** The namespaces of a catalog, sorted. */
export interface NamespaceList {
  namespaces: string[];
}

/** Which node. */
export interface NodeQuery {
  node: string;
  limit?: number;
}

/** Which target's orchestrator is asked; '' for this machine, whatever the target. */
export interface OfTarget {
  target?: string;
}

/** Whether a job's schedule shall be off. */
export interface Pause {
  target?: string;
  paused: boolean;
}

/** Whether a job's schedule is off. */
export interface Paused {
  paused: boolean;
}

/** An OpenLineage event: of a run, a job or a dataset. */
export interface PostedEvent {
}

/** A list of OpenLineage events. */
export interface PostedEvents {
  events: unknown[];
}

/** What may be said about a promotion: a JSON Schema. */
export interface PromoteForm {
  options: Record<string, unknown>;
}

/** Where a promotion stands. ``path`` is the notebook's in the file browser, '' where it is not below its root. */
export interface PromotionDetail {
  name: string;
  kind: string;
  relation: string;
  notebook: string;
  path: string;
  branch: string;
  commit: string;
  state: "local" | "pushed" | "open" | "merged" | "closed";
  pull_request: PullRequestDetail | null;
  checks: CheckDetail[];
  reviews: ReviewDetail[];
  cells: CellDetail[];
  job: string;
  deployed: DeployedDetail[];
  last_run: LastRunDetail | null;
}

/** The person's promotions; ``unasked`` says why the host wasn't asked, '' where it was. */
export interface PromotionList {
  promotions: PromotionDetail[];
  unasked: string;
}

/** ``host``: whether to ask the remote and its host, too; without it what this machine knows counts. */
export interface PromotionsQuery {
  host?: boolean;
}

/** A pull request as its host has it. */
export interface PullRequestDetail {
  number: number;
  title: string;
  url: string;
  state: "open" | "closed" | "merged";
  draft: boolean;
}

/** The query that was told to stop. */
export interface QueryCancelled {
  id: string;
}

/** A file in queries/ that can't be read. */
export interface QueryFault {
  message: string;
  hint: string;
}

/** Statements, newest first; ``more`` where only the first are given. */
export interface QueryHistory {
  entries: HistoryEntry[];
  more: boolean;
}

/** Statements that have all words of ``match`` in their text, error, engine, notebook or tables. */
export interface QueryHistoryQuery {
  match?: string;
  state?: "" | "running" | "finished" | "failed" | "cancelled" | "lost";
  limit?: number;
}

/** A run that failed in the last seven days, or missed its SLA. */
export interface RecentFailure {
  run: string;
  job: string;
  target: string;
  at: string;
  message: string;
}

/** A new tag or branch at a snapshot. */
export interface RefBody {
  name: string;
  kind?: "branch" | "tag";
  snapshot: string;
}

/** A branch or tag. */
export interface RefDetail {
  name: string;
  kind: "branch" | "tag";
  snapshot: string;
}

/** A registered model. ``versions``, newest first: all of one model, the newest in a list. */
export interface RegisteredModel {
  name: string;
  description: string;
  created: string | null;
  updated: string | null;
  /** Alias → version. */
  aliases: Record<string, string>;
  tags: Record<string, string>;
  versions: ModelVersion[];
  url: string;
}

/** A resource group with queries in it, counted from those that the person may see. */
export interface ResourceGroup {
  name: string;
  running: number;
  queued: number;
  memory: number;
  cpu: number;
}

/** Resource groups by name. */
export interface ResourceGroups {
  groups: ResourceGroup[];
}

/** The last word of a reviewer. */
export interface ReviewDetail {
  user: string;
  verdict: "approved" | "changes_requested" | "commented";
}

/** Somebody's roles and rights. */
export interface Rights {
  name: string;
  roles: string[];
  /** area:action, e.g. jobs:trigger. */
  rights: string[];
}

/** Go back to ``snapshot``, provided that the table is still at ``current``. */
export interface RollbackBody {
  snapshot: string;
  current: string;
}

/** A column of rows: its Trino type. Values of a ``masked`` one are left out. */
export interface RowColumn {
  name: string;
  type: string;
  masked: boolean;
}

/** Rows as Trino's client protocol writes values; ``truncated`` where there are more. */
export interface Rows {
  columns: RowColumn[];
  rows: unknown[][];
  truncated: boolean;
  snapshot: string | null;
}

/** The first rows; ``reveal`` shows columns tagged pii or restricted too, which is audited. */
export interface RowsQuery {
  snapshot?: string;
  limit?: number;
  reveal?: boolean;
}

/** A run with its tasks, in the order of their dependencies where that is known. ``rerun_by`` and ``cancelled_by`` say who had it run again and who ended it, '' where nobody did. */
export interface RunDetail {
  id: string;
  job: string;
  target: string;
  ref: string;
  user: string;
  state: "queued" | "running" | "success" | "failed" | "cancelled" | "skipped";
  started: string | null;
  ended: string | null;
  moment: string | null;
  backfill: string;
  message: string;
  rerun_by: string;
  cancelled_by: string;
  parameters: Record<string, unknown>;
  warnings: string[];
  tasks: TaskRunDetail[];
}

/** What a run belongs to in this project, by its tags; '' for nothing. */
export interface RunLinks {
  job: string;
  job_run: string;
  task: string;
  promotion: string;
  commit: string;
}

/** Runs, the newest first. ``next`` asks for those after them; ``now`` is the server's clock. */
export interface RunList {
  runs: RunSummary[];
  next: string;
  now: string;
}

/** A run, as a list shows it. ``moment`` is the time it stands for; ``backfill`` names the one it is part of. */
export interface RunSummary {
  id: string;
  job: string;
  target: string;
  ref: string;
  user: string;
  state: "queued" | "running" | "success" | "failed" | "cancelled" | "skipped";
  started: string | null;
  ended: string | null;
  moment: string | null;
  backfill: string;
  message: string;
}

/** Which runs: ``text`` is a part of the job's name, the id or the user; ``after`` is the ``next`` of a page. */
export interface RunsQuery {
  target?: string;
  job?: string;
  state?: ("queued" | "running" | "success" | "failed" | "cancelled" | "skipped")[];
  text?: string;
  after?: string;
  limit?: number;
}

/** Queries that have all words of ``match`` in name, description or text. */
export interface SavedMatch {
  match?: string;
}

/** The saved queries by name, and the files that hold none. */
export interface SavedQueries {
  queries: SavedQueryDetail[];
  faults: QueryFault[];
}

/** A query in the project's queries/; ``cell`` is the text of a notebook's cell that runs it. */
export interface SavedQueryDetail {
  name: string;
  description: string;
  sql: string;
  engine: string;
  as_of: string;
  parameters: Record<string, unknown>;
  /** The file, from the folder that the file browser shows; '' outside of it. */
  path: string;
  cell: string;
}

/** A configured service. */
export interface ServiceHealth {
  /** As olo.yml names it. */
  name: string;
  kind: "catalog" | "orchestrator" | "experiments" | "lineage" | "engine" | "git" | "store";
  /** What it is, e.g. airflow, mlflow, marquez, trino, rest, sql, local. */
  type: string;
  state: "up" | "degraded" | "down" | "unknown";
  version: string;
  /** Milliseconds of the last look; None where it failed. */
  latency: number | null;
  /** open: not asked for a while, since it failed several times in a row; '' for none. */
  circuit: "closed" | "open" | "half-open" | "";
  message: string;
  hint: string;
  /** When it was looked at last. */
  checked: string | null;
  /** Since when it is in this state. */
  since: string | null;
  /** Its pages for people, '' for none. */
  url: string;
}

/** A snapshot; ``rows`` is the table's row count at it, None where the writer didn't say. */
export interface SnapshotDetail {
  id: string;
  at: string;
  operation: string;
  rows: number | null;
}

/** At a snapshot; '' is the current one. */
export interface SnapshotQuery {
  snapshot?: string;
}

/** Why a statement can't be read or laid out; line and column count from 1 in the statement, None where unknown. */
export interface SqlProblem {
  code: string;
  message: string;
  hint: string;
  line: number | null;
  column: number | null;
}

/** The statement of one cell, without the line of the magic. */
export interface SqlText {
  text: string;
}

/** The first and the last day of a backfill, and values of the job's parameters. */
export interface StartBackfill {
  target?: string;
  start: string;
  end: string;
  parameters?: Record<string, unknown>;
}

/** A snapshot of a table: what it did. Figures are None where its writer didn't tell. */
export interface TableChange {
  id: string;
  parent: string | null;
  at: string;
  operation: string;
  /** Rows of the table then. */
  rows: number | null;
  added_rows: number | null;
  removed_rows: number | null;
  added_files: number | null;
  removed_files: number | null;
  /** Bytes of the table's files then. */
  size: number | null;
  /** The engine that wrote it, as it says itself. */
  writer: string;
  /** The table's snapshot now. */
  current: boolean;
  /** On the line from the first snapshot to the current one: can be rolled back to. */
  ancestor: boolean;
  /** Branches and tags that point to it. */
  refs: string[];
}

/** A table or view without its rows. ``snapshots`` are the newest, newest first, of ``snapshot_count``. */
export interface TableDetail {
  catalog: string;
  namespace: string;
  name: string;
  sql_name: string;
  kind: "table" | "view";
  comment: string;
  columns: ColumnDetail[];
  snapshots: SnapshotDetail[];
  snapshot_count: number;
  refs: RefDetail[];
}

/** What changed. The first of ``rows.columns`` says what happened to a row: added, removed, before, after. */
export interface TableDiff {
  before: DiffSide;
  after: DiffSide;
  same: boolean;
  added: number;
  removed: number;
  changed: number;
  key: string[];
  columns: DiffColumn[];
  rows: Rows;
  method: string;
  notes: string[];
  seconds: number;
}

/** What a table is besides its columns. */
export interface TableFacts {
  format_version: number;
  location: string;
  /** As Trino's property says it, e.g. day(sched_dep). */
  partitioning: string[];
  sorted_by: string[];
  rows: number | null;
  /** Bytes of the data files. */
  size: number | null;
  files: number | null;
  updated: string | null;
  /** What the table's own properties keep of its history. */
  retention: string;
  /** Which files a compaction joins, and up to which size. */
  compaction: string;
  /** Values that look like secrets are hidden. */
  properties: Record<string, string>;
  /** Pages of other programs about the table, by title. */
  links: Record<string, string>;
}

/** Snapshots, newest first; ``next`` is what ``before`` asks the following ones with, None at the end. */
export interface TableHistory {
  snapshots: TableChange[];
  count: number;
  next: string | null;
}

/** Tables and views of a namespace, sorted by name. ``next`` is what ``after`` asks the following ones with. */
export interface TableList {
  tables: TableSummary[];
  count: number;
  next: string | null;
}

/** A table that a statement reads. ``end`` and ``period`` (its FOR … AS OF) are offsets in the statement, in code points. ``failure`` says why its snapshots aren't known, '' where they are. */
export interface TableRead {
  sql_name: string;
  written: string;
  end: number;
  period: [number, number] | null;
  snapshots: SnapshotDetail[];
  snapshot_count: number;
  refs: RefDetail[];
  failure: string;
}

/** Figures of a snapshot. Rows that delete files remove are still counted: ``deletes`` says how many may be. */
export interface TableStatistics {
  snapshot: string | null;
  rows: number | null;
  files: number | null;
  /** Delete files; with any, the counts are upper bounds. */
  deletes: number | null;
  columns: ColumnStatistics[];
  /** The engine whose estimates these are; '' for counted ones. */
  estimated_by: string;
}

/** A table or view; ``sql_name`` is its full name, quoted where SQL needs it. */
export interface TableSummary {
  name: string;
  sql_name: string;
  kind: "table" | "view";
}

/** Names that have all words of ``match`` in them, in any case; those that follow the name ``after``. */
export interface TablesQuery {
  match?: string;
  after?: string;
  limit?: number;
}

/** The tables that a statement reads, in the order of the text. */
export interface TablesRead {
  tables: TableRead[];
  problem: SqlProblem | null;
}

/** The targets, sorted; ``default`` is where a run is started when nothing is said. */
export interface TargetList {
  targets: TargetSummary[];
  default: string;
}

/** A target, and the orchestrator that runs its jobs: ``local`` or one of olo.yml's. */
export interface TargetSummary {
  name: string;
  orchestrator: string;
}

/** A task of a run; ``rows`` counts rows written, ``reads`` and ``writes`` give the snapshot of each table. */
export interface TaskRunDetail {
  name: string;
  kind: string;
  state: "queued" | "running" | "success" | "failed" | "cancelled" | "skipped";
  started: string | null;
  ended: string | null;
  attempts: number;
  rows: number | null;
  reads: Record<string, string>;
  writes: Record<string, string>;
  tests_passed: number;
  tests_failed: number;
  message: string;
}

/** A task of a job. */
export interface TaskSummary {
  name: string;
  kind: string;
  depends_on: string[];
}

/** The newest results of a dataset's tests. */
export interface TestCount {
  passed: number;
  failed: number;
  /** Failures that only warn. */
  warned: number;
  at: string | null;
}

/** A test of a dataset, as the newest run told it. */
export interface TestResult {
  /** What is tested, e.g. not_null. */
  assertion: string;
  /** '' where it is of the whole dataset. */
  column: string;
  success: boolean;
  /** error, warn or ''. */
  severity: string;
  at: string;
  /** Id of the run that told it. */
  run: string;
}

/** Where to start a run, with which values of the job's parameters. */
export interface Trigger {
  target?: string;
  parameters?: Record<string, unknown>;
}

/** Queries that the person may see, running ones first, then newest first. */
export interface TrinoQueries {
  queries: TrinoQuery[];
}

/** A query that Trino knows of. Times are milliseconds, sizes bytes. */
export interface TrinoQuery {
  id: string;
  /** Trino's own: QUEUED, PLANNING, RUNNING, FINISHING, FINISHED, FAILED … */
  state: string;
  user: string;
  source: string;
  /** At most 10,000 characters of it. */
  text: string;
  created: string;
  ended: string | null;
  elapsed: number;
  queued: number;
  cpu: number | null;
  rows: number | null;
  bytes: number | null;
  peak_memory: number | null;
  /** Per cent, None where Trino can't tell. */
  progress: number | null;
  resource_group: string;
  error: string;
  /** Of the person who asks: may be cancelled. */
  mine: boolean;
}

/** Which queries: in a state, of a user; all by default. */
export interface TrinoQueryQuery {
  state?: string;
  user?: string;
  limit?: number;
}

/** When a workspace was applied last. */
export interface WorkspaceApplied {
  /** The commit of its file; '' for one that wasn't committed. */
  commit: string;
  by: string;
  at: string;
}

/** A difference, and what ``olo apply`` would do about it; ``refuse``: nothing, and ``reason`` says why. */
export interface WorkspaceChange {
  action: "create" | "update" | "remove" | "refuse";
  kind: string;
  subject: string;
  before: string;
  after: string;
  reason: string;
}

/** Where the world differs from a workspace's file; empty: nowhere. */
export interface WorkspaceDrift {
  name: string;
  changes: WorkspaceChange[];
}

/** The project's workspaces, by name. */
export interface WorkspaceList {
  workspaces: WorkspaceSummary[];
}

/** A person or group with a role. */
export interface WorkspaceMember {
  kind: "user" | "group";
  name: string;
  role: string;
}

/** A workspace as its file says; ``problem`` says what is wrong with that, and the rest is then empty. */
export interface WorkspaceSummary {
  name: string;
  title: string;
  repository: string;
  storage: string;
  /** Namespaces by catalog. */
  catalogs: Record<string, string[]>;
  experiments: string[];
  members: WorkspaceMember[];
  /** Pages elsewhere: grafana, superset … */
  links: Record<string, string>;
  /** Those that you have in it. */
  roles: string[];
  /** The commit of its file; '' for one that isn't committed. */
  commit: string;
  applied: WorkspaceApplied | null;
  problem: string;
}

/** What to look for: text anywhere in the name, in any case; all of them by default. */
export interface olo_jupyter__server__models__lineage__SearchQuery {
  text?: string;
  kind?: "job" | "dataset" | null;
  namespace?: string;
  state?: "running" | "success" | "failed" | "cancelled" | "unknown" | null;
  limit?: number;
  offset?: number;
}

/** Tables whose name, namespace or catalog has all words of ``match`` in it, in any case. */
export interface olo_jupyter__server__models__tables__SearchQuery {
  match: string;
  limit?: number;
}

/** Who did what, newest first. */
export function getAudit(api: IApi, query: { who?: string; action?: string; subject?: string; outcome?: "done" | "failed" | "denied"; since?: string; until?: string; before?: number; limit?: number } = {}): Promise<AuditList> {
  return api.get<AuditList>(route`audit`, { ...query });
}

/** The catalogs. */
export function getCatalogs(api: IApi): Promise<CatalogList> {
  return api.get<CatalogList>(route`catalogs`);
}

/** The namespaces of a catalog. */
export function getCatalogsCatalogNamespaces(api: IApi, catalog: string): Promise<NamespaceList> {
  return api.get<NamespaceList>(route`catalogs/${catalog}/namespaces`);
}

/** The tables and views of a namespace. */
export function getCatalogsCatalogNamespacesNamespaceTables(api: IApi, catalog: string, namespace: string, query: { match?: string; after?: string; limit?: number } = {}): Promise<TableList> {
  return api.get<TableList>(route`catalogs/${catalog}/namespaces/${namespace}/tables`, { ...query });
}

/** Columns, snapshots, branches and tags of a table; no rows. */
export function getCatalogsCatalogNamespacesNamespaceTablesTable(api: IApi, catalog: string, namespace: string, table: string): Promise<TableDetail> {
  return api.get<TableDetail>(route`catalogs/${catalog}/namespaces/${namespace}/tables/${table}`);
}

/** What changed in a table between two pins. */
export function postCatalogsCatalogNamespacesNamespaceTablesTableDiff(api: IApi, catalog: string, namespace: string, table: string, body: DiffBody): Promise<TableDiff> {
  return api.post<TableDiff>(route`catalogs/${catalog}/namespaces/${namespace}/tables/${table}/diff`, body);
}

/** Location, partitioning, size, retention and properties of a table. */
export function getCatalogsCatalogNamespacesNamespaceTablesTableFacts(api: IApi, catalog: string, namespace: string, table: string): Promise<TableFacts> {
  return api.get<TableFacts>(route`catalogs/${catalog}/namespaces/${namespace}/tables/${table}/facts`);
}

/** Data and delete files of a table. */
export function getCatalogsCatalogNamespacesNamespaceTablesTableFiles(api: IApi, catalog: string, namespace: string, table: string, query: { snapshot?: string; limit?: number; reveal?: boolean } = {}): Promise<Rows> {
  return api.get<Rows>(route`catalogs/${catalog}/namespaces/${namespace}/tables/${table}/files`, { ...query });
}

/** Rows, files and bytes of a table's partitions. */
export function getCatalogsCatalogNamespacesNamespaceTablesTablePartitions(api: IApi, catalog: string, namespace: string, table: string, query: { snapshot?: string; limit?: number; reveal?: boolean } = {}): Promise<Rows> {
  return api.get<Rows>(route`catalogs/${catalog}/namespaces/${namespace}/tables/${table}/partitions`, { ...query });
}

/** Make a tag or branch of a table. */
export function postCatalogsCatalogNamespacesNamespaceTablesTableRefs(api: IApi, catalog: string, namespace: string, table: string, body: RefBody): Promise<Changed> {
  return api.post<Changed>(route`catalogs/${catalog}/namespaces/${namespace}/tables/${table}/refs`, body);
}

/** Drop a tag or branch of a table. */
export function deleteCatalogsCatalogNamespacesNamespaceTablesTableRefsRef(api: IApi, catalog: string, namespace: string, table: string, ref: string): Promise<Changed> {
  return api.delete<Changed>(route`catalogs/${catalog}/namespaces/${namespace}/tables/${table}/refs/${ref}`);
}

/** Make an earlier snapshot a table's current one. */
export function postCatalogsCatalogNamespacesNamespaceTablesTableRollback(api: IApi, catalog: string, namespace: string, table: string, body: RollbackBody): Promise<Changed> {
  return api.post<Changed>(route`catalogs/${catalog}/namespaces/${namespace}/tables/${table}/rollback`, body);
}

/** The first rows of a table; values of columns tagged pii or restricted only on demand. */
export function getCatalogsCatalogNamespacesNamespaceTablesTableRows(api: IApi, catalog: string, namespace: string, table: string, query: { snapshot?: string; limit?: number; reveal?: boolean } = {}): Promise<Rows> {
  return api.get<Rows>(route`catalogs/${catalog}/namespaces/${namespace}/tables/${table}/rows`, { ...query });
}

/** Snapshots of a table, newest first, with what each added and removed. */
export function getCatalogsCatalogNamespacesNamespaceTablesTableSnapshots(api: IApi, catalog: string, namespace: string, table: string, query: { before?: string; limit?: number } = {}): Promise<TableHistory> {
  return api.get<TableHistory>(route`catalogs/${catalog}/namespaces/${namespace}/tables/${table}/snapshots`, { ...query });
}

/** Nulls, bounds, sizes of a table's columns by Iceberg's metadata; Trino's estimates of a governed one. */
export function getCatalogsCatalogNamespacesNamespaceTablesTableStatistics(api: IApi, catalog: string, namespace: string, table: string, query: { snapshot?: string } = {}): Promise<TableStatistics> {
  return api.get<TableStatistics>(route`catalogs/${catalog}/namespaces/${namespace}/tables/${table}/statistics`, { ...query });
}

/** One metric of several runs. */
export function getExperimentMetrics(api: IApi, query: { runs: string; key: string; points?: number }): Promise<MetricHistories> {
  return api.get<MetricHistories>(route`experiment-metrics`, { ...query });
}

/** Runs that belong to a job, a job's run or a promotion. */
export function getExperimentRuns(api: IApi, query: { job?: string; job_run?: string; promotion?: string; limit?: number; page?: string } = {}): Promise<ExperimentRunList> {
  return api.get<ExperimentRunList>(route`experiment-runs`, { ...query });
}

/** One run. */
export function getExperimentRunsRun(api: IApi, run: string): Promise<ExperimentRun> {
  return api.get<ExperimentRun>(route`experiment-runs/${run}`);
}

/** A folder of a run's artefacts. */
export function getExperimentRunsRunArtifacts(api: IApi, run: string, query: { path?: string } = {}): Promise<ArtifactList> {
  return api.get<ArtifactList>(route`experiment-runs/${run}/artifacts`, { ...query });
}

/** Experiments by name, the last changed first. */
export function getExperiments(api: IApi, query: { text?: string; limit?: number; page?: string } = {}): Promise<ExperimentList> {
  return api.get<ExperimentList>(route`experiments`, { ...query });
}

/** One experiment. */
export function getExperimentsId(api: IApi, id: string): Promise<Experiment> {
  return api.get<Experiment>(route`experiments/${id}`);
}

/** Runs of an experiment: filter, order, pages. */
export function getExperimentsIdRuns(api: IApi, id: string, query: { filter?: string; order?: string; limit?: number; page?: string } = {}): Promise<ExperimentRunList> {
  return api.get<ExperimentRunList>(route`experiments/${id}/runs`, { ...query });
}

/** State of every service, failures, counts. */
export function getHealth(api: IApi): Promise<Health> {
  return api.get<Health>(route`health`);
}

/** A page of the jobs, with how each goes; filtered by text, owner, tag and state. */
export function getJobs(api: IApi, query: { target?: string; text?: string; owner?: string; tag?: string; state?: "queued" | "running" | "success" | "failed" | "cancelled" | "skipped"; offset?: number; limit?: number } = {}): Promise<JobList> {
  return api.get<JobList>(route`jobs`, { ...query });
}

/** One job: its tasks, the schema of its parameters, what is wrong with its file. */
export function getJobsName(api: IApi, name: string, query: { target?: string } = {}): Promise<JobDetail> {
  return api.get<JobDetail>(route`jobs/${name}`, { ...query });
}

/** The runs that a backfill would make; nothing starts. */
export function getJobsNameBackfill(api: IApi, name: string, query: { target?: string; start: string; end: string }): Promise<BackfillPlan> {
  return api.get<BackfillPlan>(route`jobs/${name}/backfill`, { ...query });
}

/** Make the runs of past days; those that succeeded already stay as they are. */
export function postJobsNameBackfill(api: IApi, name: string, body: StartBackfill): Promise<BackfillPlan> {
  return api.post<BackfillPlan>(route`jobs/${name}/backfill`, body);
}

/** Turn a job's schedule off or on. */
export function postJobsNamePause(api: IApi, name: string, body: Pause): Promise<Paused> {
  return api.post<Paused>(route`jobs/${name}/pause`, body);
}

/** Start a run. */
export function postJobsNameRuns(api: IApi, name: string, body: Trigger): Promise<RunDetail> {
  return api.post<RunDetail>(route`jobs/${name}/runs`, body);
}

/** What columns are made of, and what is made of them. */
export function getLineageColumns(api: IApi, query: { node: string; column?: string; depth?: number }): Promise<ColumnGraph> {
  return api.get<ColumnGraph>(route`lineage/columns`, { ...query });
}

/** The graph of jobs and datasets around a node. */
export function getLineageGraph(api: IApi, query: { node: string; depth?: number; direction?: "both" | "upstream" | "downstream"; limit?: number }): Promise<LineageGraph> {
  return api.get<LineageGraph>(route`lineage/graph`, { ...query });
}

/** All namespaces. */
export function getLineageNamespaces(api: IApi): Promise<NamespaceCounts> {
  return api.get<NamespaceCounts>(route`lineage/namespaces`);
}

/** Runs of a job, as their events tell. */
export function getLineageRuns(api: IApi, query: { node: string; limit?: number }): Promise<LineageRuns> {
  return api.get<LineageRuns>(route`lineage/runs`, { ...query });
}

/** Jobs and datasets by name. */
export function getLineageSearch(api: IApi, query: { text?: string; kind?: "job" | "dataset"; namespace?: string; state?: "running" | "success" | "failed" | "cancelled" | "unknown"; limit?: number; offset?: number } = {}): Promise<LineageSearch> {
  return api.get<LineageSearch>(route`lineage/search`, { ...query });
}

/** Tests of a dataset, failing ones first. */
export function getLineageTests(api: IApi, query: { node: string; limit?: number }): Promise<LineageTests> {
  return api.get<LineageTests>(route`lineage/tests`, { ...query });
}

/** Registered models. */
export function getModels(api: IApi, query: { text?: string; limit?: number; page?: string } = {}): Promise<ModelList> {
  return api.get<ModelList>(route`models`, { ...query });
}

/** A registered model with all its versions. */
export function getModelsName(api: IApi, name: string): Promise<RegisteredModel> {
  return api.get<RegisteredModel>(route`models/${name}`);
}

/** The options of a promotion as a JSON Schema. */
export function getPromoteForm(api: IApi): Promise<PromoteForm> {
  return api.get<PromoteForm>(route`promote/form`);
}

/** The person's promotions: branch, pull request with checks, cells that changed since. */
export function getPromotions(api: IApi, query: { host?: boolean } = {}): Promise<PromotionList> {
  return api.get<PromotionList>(route`promotions`, { ...query });
}

/** The person's statements, newest first. */
export function getQueriesHistory(api: IApi, query: { match?: string; state?: "" | "running" | "finished" | "failed" | "cancelled" | "lost"; limit?: number } = {}): Promise<QueryHistory> {
  return api.get<QueryHistory>(route`queries/history`, { ...query });
}

/** The project's saved queries. */
export function getQueriesSaved(api: IApi, query: { match?: string } = {}): Promise<SavedQueries> {
  return api.get<SavedQueries>(route`queries/saved`, { ...query });
}

/** Your roles, and what you may do. */
export function getRights(api: IApi): Promise<Rights> {
  return api.get<Rights>(route`rights`);
}

/** A page of the runs, the newest first; filtered by job, state and text. */
export function getRuns(api: IApi, query: { target?: string; job?: string; state?: ("queued" | "running" | "success" | "failed" | "cancelled" | "skipped")[]; text?: string; after?: string; limit?: number } = {}): Promise<RunList> {
  return api.get<RunList>(route`runs`, { ...query });
}

/** One run with its tasks. */
export function getRunsId(api: IApi, id: string, query: { target?: string } = {}): Promise<RunDetail> {
  return api.get<RunDetail>(route`runs/${id}`, { ...query });
}

/** End a run and its processes; one that has ended stays as it is. */
export function postRunsIdCancel(api: IApi, id: string, body: InTarget): Promise<RunDetail> {
  return api.post<RunDetail>(route`runs/${id}/cancel`, body);
}

/** Run what failed of a run, and what waits for it, again. */
export function postRunsIdRerun(api: IApi, id: string, body: InTarget): Promise<RunDetail> {
  return api.post<RunDetail>(route`runs/${id}/rerun`, body);
}

/** Some lines of a task's log. */
export function getRunsIdTasksTaskLog(api: IApi, id: string, task: string, query: { target?: string; attempt?: number; line?: number; count?: number } = {}): Promise<LogAnswer> {
  return api.get<LogAnswer>(route`runs/${id}/tasks/${task}/log`, { ...query });
}

/** The lines of a task's log that hold a text. */
export function getRunsIdTasksTaskLogSearch(api: IApi, id: string, task: string, query: { target?: string; attempt?: number; text: string; line?: number; limit?: number }): Promise<LogSearchAnswer> {
  return api.get<LogSearchAnswer>(route`runs/${id}/tasks/${task}/log/search`, { ...query });
}

/** A statement laid out; refused where its meaning would change. */
export function postSqlFormat(api: IApi, body: SqlText): Promise<FormattedSql> {
  return api.post<FormattedSql>(route`sql/format`, body);
}

/** The tables that a statement reads, with the snapshots and refs that each may be pinned to. */
export function postSqlTables(api: IApi, body: SqlText): Promise<TablesRead> {
  return api.post<TablesRead>(route`sql/tables`, body);
}

/** Tables of all catalogs by words of their names. */
export function getTables(api: IApi, query: { match: string; limit?: number }): Promise<FoundTables> {
  return api.get<FoundTables>(route`tables`, { ...query });
}

/** The targets, and what runs the jobs of each. */
export function getTargets(api: IApi): Promise<TargetList> {
  return api.get<TargetList>(route`targets`);
}

/** Queries that Trino knows of, running ones first. */
export function getTrinoQueries(api: IApi, query: { state?: string; user?: string; limit?: number } = {}): Promise<TrinoQueries> {
  return api.get<TrinoQueries>(route`trino/queries`, { ...query });
}

/** Stop a query. */
export function postTrinoQueriesIdCancel(api: IApi, id: string): Promise<QueryCancelled> {
  return api.post<QueryCancelled>(route`trino/queries/${id}/cancel`);
}

/** Resource groups with queries in them. */
export function getTrinoResourceGroups(api: IApi): Promise<ResourceGroups> {
  return api.get<ResourceGroups>(route`trino/resource-groups`);
}

/** Store an OpenLineage event. */
export function postV1Lineage(api: IApi, body: PostedEvent): Promise<EventReceipt> {
  return api.post<EventReceipt>(route`v1/lineage`, body);
}

/** Store OpenLineage events. */
export function postV1LineageBatch(api: IApi, body: PostedEvents): Promise<EventReceipt> {
  return api.post<EventReceipt>(route`v1/lineage/batch`, body);
}

/** The project's workspaces with members, your roles, links, and what was applied last. */
export function getWorkspaces(api: IApi): Promise<WorkspaceList> {
  return api.get<WorkspaceList>(route`workspaces`);
}

/** Where the world differs from a workspace's file. */
export function getWorkspacesNameDrift(api: IApi, name: string): Promise<WorkspaceDrift> {
  return api.get<WorkspaceDrift>(route`workspaces/${name}/drift`);
}
