import { IApi, route } from '../frame/api';
import { CATALOG_CHANGED, IEvents } from '../frame/events';
import { Resource } from '../frame/resource';
import type { IRows } from '../frame/rows-table';
import { splitId } from '../frame/tokens';
import type { IChange, IDiff, IFacts, IHistory, IStatistics, ITableDetail } from './answers';

/** One table as its view reads it; each part is read when its tab is first shown, again after the catalog changed. */
export class TableModel {
  constructor(
    private readonly api: IApi,
    private readonly events: IEvents,
    readonly id: string
  ) {
    const [catalog = '', namespace = '', name = ''] = splitId(id);
    this.path = route`catalogs/${catalog}/namespaces/${namespace}/tables/${name}`;
    this.name = name;
    this.detail = new Resource(() => api.get<ITableDetail>(this.path));
    this.facts = new Resource(() => api.get<IFacts>(`${this.path}/facts`));
    this.statistics = new Resource(() => api.get<IStatistics>(`${this.path}/statistics`));
    this.history = new Resource(() => api.get<IHistory>(`${this.path}/snapshots`));
    this.partitions = new Resource(() => api.get<IRows>(`${this.path}/partitions`, { limit: 1000 }));
    this.files = new Resource(() => api.get<IRows>(`${this.path}/files`, { limit: 1000 }));
    this.#catalog = catalog;
    const parts = [this.detail, this.facts, this.statistics, this.history, this.partitions, this.files];
    this.#following = parts.map(part => this.follow(part));
  }

  /** Read a part again after each change of the table's catalog. Returns the function that ends that. */
  follow(part: Resource<unknown>): () => void {
    const concerns = (data: Record<string, unknown>): boolean =>
      data['catalog'] === this.#catalog || data['catalog'] === '';
    const following = this.events.follow(part, [CATALOG_CHANGED], concerns);
    return () => following.dispose();
  }

  dispose(): void {
    this.#following.forEach(end => end());
  }

  /** The next page of older snapshots. */
  async moreHistory(): Promise<void> {
    const known = this.history.value;
    if (known?.next && !this.#reading) {
      this.#reading = true;
      try {
        const page = await this.api.get<IHistory>(`${this.path}/snapshots`, { before: known.next });
        this.history.update(now =>
          now === known ? { ...page, snapshots: [...now.snapshots, ...page.snapshots] } : now
        );
      } finally {
        this.#reading = false;
      }
    }
  }

  rows(snapshot: string, reveal: boolean): Promise<IRows> {
    return this.api.get(`${this.path}/rows`, { snapshot, reveal });
  }

  diff(first: string, second: string, key: string[]): Promise<IDiff> {
    return this.api.post(`${this.path}/diff`, { first, second, key });
  }

  tag(name: string, kind: 'tag' | 'branch', snapshot: string): Promise<unknown> {
    return this.api.post(`${this.path}/refs`, { name, kind, snapshot });
  }

  rollBack(to: IChange, current: string): Promise<unknown> {
    return this.api.post(`${this.path}/rollback`, { snapshot: to.id, current });
  }

  readonly path: string;
  readonly name: string;
  readonly detail: Resource<ITableDetail>;
  readonly facts: Resource<IFacts>;
  readonly statistics: Resource<IStatistics>;
  readonly history: Resource<IHistory>;
  readonly partitions: Resource<IRows>;
  readonly files: Resource<IRows>;
  readonly #catalog: string;
  readonly #following: (() => void)[];
  #reading = false;
}
