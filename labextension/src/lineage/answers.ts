/** What the lineage routes answer. */

export type NodeKind = 'job' | 'dataset';
export type LineageState = 'running' | 'success' | 'failed' | 'cancelled' | 'unknown';

export interface ILineageRun {
  id: string;
  /** Node id of the job. */
  job: string;
  state: LineageState;
  started: string | null;
  ended: string | null;
  message: string;
  parent: string;
}

export interface ILineageNode {
  id: string;
  kind: NodeKind;
  namespace: string;
  name: string;
  description: string;
  owners: string[];
  /** All neighbours, shown or not. */
  upstream: number;
  downstream: number;
  distance: number;
  updated: string | null;
  run: ILineageRun | null;
  tests: { passed: number; failed: number; at: string | null } | null;
  columns: { name: string; type: string; description: string }[];
  /** Snapshot id that was written last. */
  version: string;
  rows: number | null;
  table: { catalog: string; namespace: string; name: string } | null;
}

export interface ILineageEdge {
  source: string;
  target: string;
}

export interface ILineageGraph {
  node: string;
  nodes: ILineageNode[];
  edges: ILineageEdge[];
  truncated: boolean;
}

export interface IColumnPlace {
  node: string;
  column: string;
}

export interface IColumnEdge {
  source: IColumnPlace;
  target: IColumnPlace;
  kind: 'DIRECT' | 'INDIRECT' | '';
  how: string;
  masking: boolean;
}

export interface IColumnGraph {
  node: string;
  column: string;
  columns: IColumnPlace[];
  edges: IColumnEdge[];
  truncated: boolean;
}

export interface ILineageMatch {
  id: string;
  kind: NodeKind;
  namespace: string;
  name: string;
  state: LineageState | null;
  failing: number;
  updated: string | null;
}

export interface ILineageSearch {
  matches: ILineageMatch[];
  total: number;
}

export interface INamespaces {
  namespaces: { name: string; jobs: number; datasets: number }[];
}

export interface ILineageTests {
  tests: { assertion: string; column: string; success: boolean; severity: string; at: string; run: string }[];
}
