import type { IPreview } from './model';
import { ISummary, summarize, summarizing } from './summary';

/** Up to so many rows a summary is made while the grid is drawn. */
const AT_ONCE = 5000;
/** Milliseconds of work between two chances of the page to draw. */
const SLICE = 12;

/** Summaries of a preview's columns: of a long one each is made while the page has nothing else to do. */
export class Summaries {
  constructor(
    private readonly preview: IPreview,
    /** Called when a summary is there that was asked for and wasn't. */
    private readonly made: (column: number) => void
  ) {}

  /** A column's summary where it is there; null where it will come. */
  of(column: number): ISummary | null {
    const known = this.#known.get(column);
    if (known) {
      return known;
    }
    if (this.preview.rows <= AT_ONCE) {
      const summary = summarize(this.preview, column);
      this.#known.set(column, summary);
      return summary;
    }
    if (!this.#wanted.has(column)) {
      this.#wanted.add(column);
      if (this.#wanted.size === 1) {
        void this.#work();
      }
    }
    return null;
  }

  /** Make no more. */
  dispose(): void {
    this.#wanted.clear();
  }

  async #work(): Promise<void> {
    for (const column of this.#wanted) {
      const steps = summarizing(this.preview, column);
      let until = 0;
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done) {
          this.#known.set(column, step.value);
          break;
        }
        if (performance.now() > until) {
          await new Promise(done => setTimeout(done));
          until = performance.now() + SLICE;
          if (!this.#wanted.has(column)) {
            return;
          }
        }
      }
      // First: what it draws may want another one, which this goes on with.
      this.made(column);
      this.#wanted.delete(column);
    }
  }

  readonly #known = new Map<number, ISummary>();
  readonly #wanted = new Set<number>();
}
