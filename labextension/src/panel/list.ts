import { ISignal, Signal } from '@lumino/signaling';

/** A list that is read from the server: what it holds, and whether that is still coming or failed. */
export class ListModel<T> {
  constructor(load: () => Promise<T[]>) {
    this.#load = load;
  }

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  /** null until the first load ended well. */
  get items(): readonly T[] | null {
    return this.#items;
  }

  get error(): Error | null {
    return this.#error;
  }

  /** Read the list again. What is shown stays until the answer is there; a late answer doesn't replace a newer one. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    let items: T[] | null = null;
    let failure: Error | null = null;
    try {
      items = await this.#load();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    if (turn !== this.#turn) {
      return;
    }
    this.#error = failure;
    if (items) {
      this.#items = items;
    }
    this.#changed.emit();
  }

  /** Change the items without asking the server; nothing happens before the first load ended. */
  protected update(change: (items: readonly T[]) => T[]): void {
    if (this.#items) {
      this.#items = change(this.#items);
      this.#changed.emit();
    }
  }

  readonly #load: () => Promise<T[]>;
  readonly #changed = new Signal<this, void>(this);
  #items: readonly T[] | null = null;
  #error: Error | null = null;
  #turn = 0;
}
