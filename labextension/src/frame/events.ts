import type { Event } from '@jupyterlab/services';
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import type { Watched } from './resource';

export const RUN_CHANGED = 'urn:olo-jupyter:run-changed:v1';
export const CATALOG_CHANGED = 'urn:olo-jupyter:catalog-changed:v1';
export const JOBS_CHANGED = 'urn:olo-jupyter:jobs-changed:v1';
export const QUERIES_CHANGED = 'urn:olo-jupyter:queries-changed:v1';
export const HEALTH_CHANGED = 'urn:olo-jupyter:health-changed:v1';
/** The server's pulse: which one it is, and how many pulses before this one. */
const ALIVE = 'urn:olo-jupyter:alive:v1';

/** The server's events, by the id of their schema, from JupyterLab's one event socket. */
export interface IEvents {
  /** Call `slot` with the data of each event of a schema, until the answer is disposed. */
  on<T = Record<string, unknown>>(schema: string, slot: (data: T) => void): IDisposable;
  /** Events may have been lost (the machine slept, the server restarted): what is shown may be old. */
  readonly missed: ISignal<IEvents, void>;
  /** Read a model again after each event of these schemas that `concerns` it, and after lost events. */
  follow(model: Watched, schemas: string[], concerns?: (data: Record<string, unknown>) => boolean): IDisposable;
}

/** A timer this late (ms) means that the machine slept. */
const ASLEEP = 30_000;
const TICK = 15_000;
/** How late a pulse may come (ms). */
const LATE = 2_000;

export class Events implements IEvents, IDisposable {
  constructor(manager: Event.IManager) {
    this.#manager = manager;
    manager.stream.connect(this.#slot, this);
    window.addEventListener('online', this.#lost);
    this.#timer = window.setInterval(() => this.#tick(), TICK);
  }

  get missed(): ISignal<IEvents, void> {
    return this.#missed;
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  on<T = Record<string, unknown>>(schema: string, slot: (data: T) => void): IDisposable {
    const slots = this.#slots.get(schema) ?? new Set();
    this.#slots.set(schema, slots.add(slot as (data: never) => void));
    return new DisposableDelegate(() => void slots.delete(slot as (data: never) => void));
  }

  follow(model: Watched, schemas: string[], concerns = (_: Record<string, unknown>): boolean => true): IDisposable {
    const again = (): void => model.invalidate();
    const heard = schemas.map(schema => this.on(schema, data => concerns(data) && again()));
    this.#missed.connect(again);
    return new DisposableDelegate(() => {
      heard.forEach(one => one.dispose());
      this.#missed.disconnect(again);
    });
  }

  /** Tell everybody to look again. */
  lost(): void {
    this.#missed.emit();
  }

  dispose(): void {
    this.#disposed = true;
    this.#manager.stream.disconnect(this.#slot, this);
    window.removeEventListener('online', this.#lost);
    window.clearInterval(this.#timer);
    Signal.clearData(this);
  }

  #slot(_: Event.IManager, { schema_id, ...data }: Event.Emission): void {
    if (schema_id === ALIVE) {
      const { boot, count, age } = data as unknown as { boot: string; count: number; age: number };
      const before = this.#pulse;
      // The first one of a server that is younger than the page: it was started again before any pulse came.
      const restarted = before ? before.boot !== boot : age * 1000 + LATE < Date.now() - this.#began;
      if (restarted || (before && before.count + 1 !== count)) {
        this.lost();
      }
      this.#pulse = { boot, count };
    }
    for (const slot of [...(this.#slots.get(schema_id) ?? [])]) {
      slot(data as never);
    }
  }

  #tick(): void {
    const now = Date.now();
    if (now - this.#ticked > TICK + ASLEEP && !document.hidden) {
      this.lost();
    }
    this.#ticked = now;
  }

  readonly #lost = (): void => this.lost();
  readonly #manager: Event.IManager;
  readonly #slots = new Map<string, Set<(data: never) => void>>();
  readonly #missed = new Signal<IEvents, void>(this);
  readonly #timer: number;
  readonly #began = Date.now();
  #ticked = Date.now();
  #disposed = false;
  #pulse: { boot: string; count: number } | null = null;
}
