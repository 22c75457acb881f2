import { ISignal, Signal } from '@lumino/signaling';

import type { ILogHits, ILogLines } from '../answers';

/** Where a log is read from. */
export interface ILogSource {
  lines(line: number, count: number): Promise<ILogLines>;
  search(text: string, line: number): Promise<ILogHits>;
}

export const PAGE = 500;
/** Pages that are kept: a log of a million lines costs the page no more than one of twenty thousand. */
const KEPT = 40;
const DOWNLOAD = 5000;

/** A log that is shown: the pages around what is in sight, how long it is, what a search found. */
export class LogModel {
  constructor(private readonly source: ILogSource) {}

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  /** Lines that there are now; null before the first answer. */
  get total(): number | null {
    return this.#total;
  }

  get size(): number {
    return this.#size;
  }

  get complete(): boolean {
    return this.#complete;
  }

  get error(): Error | null {
    return this.#error;
  }

  /** The numbers of lines that hold what was searched for. */
  get hits(): readonly number[] {
    return this.#hits;
  }

  /** There are more hits than these. */
  get moreHits(): boolean {
    return this.#nextHit !== null;
  }

  get searching(): boolean {
    return this.#searching;
  }

  /** Read the end of the log; the length is known then. */
  async start(): Promise<void> {
    await this.#read(-PAGE, PAGE);
  }

  /** A line, null where it is still to come: it is then asked for. */
  line(number: number): string | null {
    const page = Math.floor(number / PAGE);
    const known = this.#pages.get(page);
    const line = known?.[number - page * PAGE];
    if (line !== undefined) {
      this.#pages.delete(page);
      this.#pages.set(page, known!);
      return line;
    }
    if (this.#total !== null && number < this.#total && !this.#asked.has(page) && !this.#error) {
      void this.#readPage(page);
    }
    return null;
  }

  /** The log grew, or its task ended. */
  grew(total: number, complete: boolean): void {
    if (this.#total !== null && total < this.#total) {
      this.#pages.clear(); // it begins anew
    }
    this.#total = total;
    this.#complete = complete;
    this.#changed.emit();
  }

  /** Look for a text from the first line on; '' forgets what was found. */
  async search(text: string): Promise<void> {
    const turn = ++this.#turn;
    this.#hits = [];
    this.#nextHit = text ? 0 : null;
    this.#text = text;
    await this.#searchOn(turn);
  }

  /** Look for more of the same. */
  async searchMore(): Promise<void> {
    await this.#searchOn(this.#turn);
  }

  /** The whole log, part by part, for a file. */
  async download(progress: (done: number) => void): Promise<Blob> {
    const parts: string[] = [];
    let line = 0;
    let total: number;
    do {
      const found = await this.source.lines(line, DOWNLOAD);
      parts.push(...found.lines.map(text => `${text}\n`));
      line += found.lines.length;
      total = found.lines.length ? found.total : 0;
      progress(found.total ? line / found.total : 1);
    } while (line < total);
    return new Blob(parts, { type: 'text/plain;charset=utf-8' });
  }

  /** Try again after an error. */
  async retry(): Promise<void> {
    this.#error = null;
    await this.start();
  }

  async #searchOn(turn: number): Promise<void> {
    if (this.#nextHit === null) {
      this.#searching = false;
      this.#changed.emit();
      return;
    }
    this.#searching = true;
    this.#changed.emit();
    try {
      const found = await this.source.search(this.#text, this.#nextHit);
      if (turn === this.#turn) {
        this.#hits = [...this.#hits, ...found.lines];
        this.#nextHit = found.next;
      }
    } catch (error) {
      this.#error = asError(error);
    }
    if (turn === this.#turn) {
      this.#searching = false;
      this.#changed.emit();
    }
  }

  async #readPage(page: number): Promise<void> {
    this.#asked.add(page);
    await this.#read(page * PAGE, PAGE);
    this.#asked.delete(page);
  }

  async #read(line: number, count: number): Promise<void> {
    try {
      const found = await this.source.lines(line, count);
      this.#total = found.total;
      this.#size = found.size;
      this.#complete = found.complete;
      this.#keep(found);
      this.#error = null;
    } catch (error) {
      this.#error = asError(error);
    }
    this.#changed.emit();
  }

  /** Lines into their pages. A page that is known in part only is asked for again when the rest is in sight. */
  #keep({ first, lines }: ILogLines): void {
    for (let at = 0; at < lines.length;) {
      const page = Math.floor((first + at) / PAGE);
      const start = first + at - page * PAGE;
      const part = lines.slice(at, at + PAGE - start);
      const known = this.#pages.get(page) ?? [];
      part.forEach((line, index) => (known[start + index] = line));
      this.#pages.delete(page);
      this.#pages.set(page, known);
      at += part.length;
    }
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= KEPT) {
        break;
      }
      this.#pages.delete(page);
    }
  }

  readonly #changed = new Signal<this, void>(this);
  readonly #pages = new Map<number, string[]>();
  readonly #asked = new Set<number>();
  #total: number | null = null;
  #size = 0;
  #complete = false;
  #error: Error | null = null;
  #hits: number[] = [];
  #nextHit: number | null = null;
  #text = '';
  #searching = false;
  #turn = 0;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
