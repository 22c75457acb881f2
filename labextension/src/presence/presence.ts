const PAUSE = 60_000;

/** Tells of somebody's doings once a minute at most. */
export class Presence {
  constructor(
    private readonly tell: () => Promise<unknown>,
    private readonly now: () => number = Date.now
  ) {}

  /** Somebody did something. */
  noticed(): void {
    const now = this.now();
    if (now - this.#told < PAUSE) {
      return;
    }
    this.#told = now;
    // Not told is no harm: the next doing tells it again.
    this.tell().catch(() => (this.#told = -Infinity));
  }

  #told = -Infinity;
}
