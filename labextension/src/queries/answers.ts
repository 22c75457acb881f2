/** What the routes of queries answer. */

export type {
  SavedQueryDetail as ISavedQuery,
  SavedQueries as ISavedQueries,
  HistoryEntry as IEntry,
  QueryHistory as IQueryHistory
} from '../frame/routes';
