import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

/**
 * Something that is read from the server while somebody looks at it, and only then: what changed meanwhile is read when it
 * is next in sight.
 */
export abstract class Watched {
  /** Something that is drawn has changed. */
  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  /** Say that this is in sight until the answer is disposed. What is not there or old is read. */
  hold(): IDisposable {
    this.#holders++;
    if (this.#stale) {
      void this.load();
    }
    return new DisposableDelegate(() => void this.#holders--);
  }

  /** It may be another on the server: read it again, now or when next in sight. A burst of these reads twice at most. */
  invalidate(): void {
    if (this.#reading) {
      this.#again = true;
    } else if (this.#holders) {
      void this.load();
    } else {
      this.#stale = true;
    }
  }

  /** Read it, whoever looks. What is shown stays until the answer is there. */
  async load(): Promise<void> {
    this.#stale = false;
    this.#reading++;
    try {
      await this.read();
    } finally {
      this.#reading--;
    }
    if (this.#again && !this.#reading) {
      this.#again = false;
      this.invalidate();
    }
  }

  /** Read from the server and draw; never rejects. */
  protected abstract read(): Promise<void>;

  protected draw(): void {
    this.#changed.emit();
  }

  readonly #changed = new Signal<this, void>(this);
  #holders = 0;
  #reading = 0;
  #stale = true;
  #again = false;
}

/** A value that is read from the server: what it is, and whether that is still coming or failed. */
export class Resource<T> extends Watched {
  constructor(read: () => Promise<T>) {
    super();
    this.#read = read;
  }

  /** null until the first read ended well. */
  get value(): T | null {
    return this.#value;
  }

  /** Of the last read, null when it ended well. */
  get error(): Error | null {
    return this.#error;
  }

  get loading(): boolean {
    return this.#loading;
  }

  /** Change the value without asking the server, as by an event that holds it; nothing happens before the first read. */
  update(change: (value: T) => T): void {
    if (this.#value !== null) {
      this.#value = change(this.#value);
      this.draw();
    }
  }

  /** A late answer doesn't replace a newer one. */
  protected async read(): Promise<void> {
    const turn = ++this.#turn;
    this.#loading = true;
    this.draw();
    let value: T | null = null;
    let failure: Error | null = null;
    try {
      value = await this.#read();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    if (turn !== this.#turn) {
      return;
    }
    this.#loading = false;
    this.#error = failure;
    if (failure === null) {
      this.#value = value;
    }
    this.draw();
  }

  readonly #read: () => Promise<T>;
  #value: T | null = null;
  #error: Error | null = null;
  #loading = false;
  #turn = 0;
}
