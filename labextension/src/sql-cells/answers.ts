/** What the server's routes for SQL cells answer. */

export type {
  FormattedSql as IFormattedSql,
  SnapshotDetail as ISnapshot,
  RefDetail as IRef,
  TableRead as ITableRead,
  TablesRead as ITablesRead
} from '../frame/routes';
