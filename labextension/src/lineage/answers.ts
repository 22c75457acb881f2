/** What the lineage routes answer. */

export type {
  LineageRun as ILineageRun,
  LineageNode as ILineageNode,
  LineageEdge as ILineageEdge,
  LineageGraph as ILineageGraph,
  ColumnPlace as IColumnPlace,
  ColumnEdge as IColumnEdge,
  ColumnGraph as IColumnGraph,
  LineageMatch as ILineageMatch,
  LineageSearch as ILineageSearch,
  NamespaceCounts as INamespaces,
  LineageTests as ILineageTests
} from '../frame/routes';

export type NodeKind = 'job' | 'dataset';
export type LineageState = 'running' | 'success' | 'failed' | 'cancelled' | 'unknown';
