/** What the lineage routes answer. */

export type {
  LineageNode as ILineageNode,
  LineageEdge as ILineageEdge,
  LineageGraph as ILineageGraph,
  ColumnGraph as IColumnGraph,
  LineageMatch as ILineageMatch,
  LineageSearch as ILineageSearch,
  NamespaceCounts as INamespaces,
  LineageTests as ILineageTests
} from '../frame/routes';

export type LineageState = 'running' | 'success' | 'failed' | 'cancelled' | 'unknown';
