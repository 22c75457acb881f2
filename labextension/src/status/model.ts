import type { IApi } from '../frame/api';
import { serverTime } from '../frame/clock';
import { IEvents, RUN_CHANGED } from '../frame/events';
import { Resource } from '../frame/resource';
import type { IOlo } from '../frame/tokens';

/** What the items outside the panel need of a run. */
export interface IRunNotice {
  id: string;
  job: string;
  target: string;
  state: string;
  started: string | null;
  ended: string | null;
  message: string;
}

const DAY = 86_400_000;

/** Show a run, where it runs: its id alone is looked for on this machine. */
export function openRun(olo: Pick<IOlo, 'open'>, { id, target }: IRunNotice): void {
  olo.open('run', id, { target });
}

/** The newest runs, for the status bar, the running panel and notifications. Read once; events keep it right. */
export class RecentRuns extends Resource<Map<string, IRunNotice>> {
  constructor(
    api: IApi,
    events: IEvents,
    private readonly failed: (run: IRunNotice) => void
  ) {
    super(async () => {
      const { runs } = await api.get<{ runs: IRunNotice[] }>('runs');
      return new Map(runs.map(run => [run.id, run]));
    });
    events.on<{ run: IRunNotice }>(RUN_CHANGED, ({ run }) => run && this.#heard(run));
    events.follow(this, []);
  }

  /** Failed in the last 24 hours, newest first. */
  get failures(): IRunNotice[] {
    const since = serverTime() - DAY;
    return this.#runs.filter(({ state, ended }) => state === 'failed' && !!ended && Date.parse(ended) > since);
  }

  get running(): IRunNotice[] {
    return this.#runs.filter(({ state }) => state === 'running' || state === 'queued');
  }

  get #runs(): IRunNotice[] {
    return [...(this.value?.values() ?? [])].sort((a, b) => (b.started ?? '').localeCompare(a.started ?? ''));
  }

  #heard(run: IRunNotice): void {
    const before = this.value?.get(run.id)?.state;
    this.update(runs => new Map(runs).set(run.id, run));
    if (run.state === 'failed' && before !== 'failed') {
      this.failed(run);
    }
  }
}
