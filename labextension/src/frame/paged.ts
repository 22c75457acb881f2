import { Watched } from './resource';

export interface IPage<T> {
  items: T[];
  /** Asks for the page after this one, '' at the end. */
  next: string;
  /** How many there are in all, null where that isn't known. */
  total: number | null;
}

/** Pages that are read again after a change; what is further down is read when it is scrolled to. */
const AGAIN = 4;

/** A list that is read page by page, as far as somebody scrolls. */
export class Paged<T> extends Watched {
  constructor(readPage: (after: string) => Promise<IPage<T>>) {
    super();
    this.#readPage = readPage;
  }

  /** null until the first page is there. */
  get items(): readonly T[] | null {
    return this.#items;
  }

  get total(): number | null {
    return this.#total;
  }

  /** Of the last read, null when it ended well. */
  get error(): Error | null {
    return this.#error;
  }

  /** There are more than these. */
  get hasMore(): boolean {
    return this.#next !== '';
  }

  /** Read the next page. */
  async more(): Promise<void> {
    if (this.#next === '' || this.#reading) {
      return;
    }
    await this.#run(async () => {
      const page = await this.#readPage(this.#next);
      this.#items = [...(this.#items ?? []), ...page.items];
      this.#pages++;
      this.#next = page.next;
      this.#total = page.total;
    });
  }

  /** Change the items without asking the server; nothing happens before the first page. */
  update(change: (items: readonly T[]) => readonly T[]): void {
    if (this.#items) {
      this.#items = change(this.#items);
      this.draw();
    }
  }

  protected async read(): Promise<void> {
    await this.#run(async () => {
      const items: T[] = [];
      let next = '';
      let total: number | null = null;
      let pages = 0;
      do {
        const page = await this.#readPage(next);
        items.push(...page.items);
        ({ next, total } = page);
        pages++;
      } while (next && pages < Math.min(this.#pages, AGAIN));
      this.#items = items;
      this.#next = next;
      this.#total = total;
      this.#pages = pages;
    });
  }

  async #run(work: () => Promise<void>): Promise<void> {
    this.#reading++;
    try {
      await work();
      this.#error = null;
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#reading--;
    }
    this.draw();
  }

  readonly #readPage: (after: string) => Promise<IPage<T>>;
  #items: readonly T[] | null = null;
  #next = '';
  #total: number | null = null;
  #error: Error | null = null;
  #pages = 0;
  #reading = 0;
}
