import type { IApi } from '../frame/api';
import type { IEvents } from '../frame/events';
import { QUERIES_CHANGED } from '../frame/events';
import { Resource } from '../frame/resource';
import type { IQueryHistory, ISavedQueries } from './answers';

/** What was saved and what ran, by the words and the state that are looked for. The server searches. */
export class QueriesModel {
  constructor(api: IApi, events: IEvents) {
    this.saved = new Resource(() => api.get<ISavedQueries>('queries/saved', { match: this.#match }));
    this.history = new Resource(() =>
      api.get<IQueryHistory>('queries/history', { match: this.#match, state: this.#state, limit: 200 })
    );
    events.follow(this.saved, [QUERIES_CHANGED]);
    events.follow(this.history, [QUERIES_CHANGED]);
  }

  readonly saved: Resource<ISavedQueries>;
  readonly history: Resource<IQueryHistory>;

  /** Look for something else. What is shown stays until the answers are there. */
  find(match: string, state: string): void {
    if (match !== this.#match || state !== this.#state) {
      this.#match = match;
      this.#state = state;
      this.refresh();
    }
  }

  refresh(): void {
    this.saved.invalidate();
    this.history.invalidate();
  }

  #match = '';
  #state = '';
}
