/** What the catalog's routes answer. */

export type {
  CatalogSummary as ICatalog,
  TableSummary as ITable,
  ColumnDetail as IColumn,
  SnapshotDetail as ISnapshot,
  RefDetail as IRef,
  TableDetail as ITableDetail,
  TableList as ITablePage,
  FoundTables as IFoundTables,
  TableFacts as IFacts,
  TableChange as IChange,
  TableHistory as IHistory,
  ColumnStatistics as IColumnStatistics,
  TableStatistics as IStatistics,
  TableDiff as IDiff,
  DiffSide as IDiffSide
} from '../frame/routes';
