import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ISignal, Signal } from '@lumino/signaling';

import type { IOutcome } from './answers';
import { PromoteError, runPromotion } from './runner';

/** One promotion as it is being made: what is wanted, what a plan or a run came to. */
export class PromotionModel {
  constructor(
    private readonly notebooks: INotebookTracker,
    readonly notebook: string,
    readonly from: string,
    public name: string,
    private readonly done: () => void
  ) {}

  options: Record<string, unknown> | null = null;
  openPullRequest = true;
  verify = true;
  outcome: IOutcome | null = null;
  error: PromoteError | null = null;
  /** What ran of the present or last run, the newest last. */
  steps: string[] = [];
  running: 'plan' | 'promote' | null = null;

  /** How often it was begun. */
  begun = 0;

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  /**
   * Begin again, as by "Promote…" above the cell: what came out of an earlier plan or run tells nothing of the cell as it is
   * now. What the person decided in the form stays until it is published.
   *
   * @param name - What it is called, '' to leave the name as it is.
   */
  begin(name: string): void {
    if (this.running) {
      return;
    }
    this.name = name || this.name;
    this.outcome = null;
    this.error = null;
    this.steps = [];
    if (!this.#decided) {
      this.options = null;
    }
    this.begun++;
    this.#changed.emit();
  }

  /** The notebook, where it is open. */
  get panel(): NotebookPanel | undefined {
    return this.notebooks.find(panel => panel.context.path === this.notebook);
  }

  /** Whether the kernel is at something else: what is asked now waits for that. */
  get waits(): boolean {
    return this.running !== null && this.steps.length === 0 && this.#busy;
  }

  set(change: Partial<Pick<PromotionModel, 'name' | 'options' | 'openPullRequest' | 'verify'>>): void {
    if (change.name !== undefined) {
      this.error = null; // it told of another name
    }
    Object.assign(this, change);
    this.#decided ||= change.options !== undefined;
    this.#changed.emit();
  }

  /** Convert and check, or do it all. What came out last stays until there is something new, be it an error. */
  async run(what: 'plan' | 'promote'): Promise<void> {
    const { panel } = this;
    if (this.running || !panel || !this.name) {
      return;
    }
    this.running = what;
    this.error = null;
    this.steps = [];
    this.#busy = panel.sessionContext.session?.kernel?.status === 'busy';
    this.#changed.emit();
    try {
      const { name, from, options, openPullRequest, verify } = this;
      const wanted = { name, from, options, openPullRequest, verify, plan: what === 'plan' };
      this.outcome = await runPromotion(panel, wanted, step => {
        this.steps = [...this.steps, step];
        this.#changed.emit();
      });
      // What the notebook's own promoting cell says becomes what the form shows.
      this.options ??= this.outcome.options;
    } catch (error) {
      this.outcome = null;
      this.error =
        error instanceof PromoteError
          ? error
          : new PromoteError(error instanceof Error ? error.message : String(error), '');
    }
    this.running = null;
    this.#changed.emit();
    if (what === 'promote') {
      this.#decided &&= !this.outcome?.branch;
      this.done();
    }
  }

  async cancel(): Promise<void> {
    await this.panel?.sessionContext.session?.kernel?.interrupt();
  }

  readonly #changed = new Signal<this, void>(this);
  #busy = false;
  /** Whether the person changed the options since the last time that they were published. */
  #decided = false;
}
