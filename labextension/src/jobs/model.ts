import { ISignal, Signal } from '@lumino/signaling';

import { route } from '../frame/api';
import { RUN_CHANGED } from '../frame/events';
import { Paged } from '../frame/paged';
import { Resource, Watched } from '../frame/resource';
import type { IOlo } from '../frame/tokens';
import { ENDED, IJob, IJobList, IJobSummary, IRun, IRunList, IRunSummary, ITargetList, RunState } from './answers';
import type { IJobFilter } from './filter';

/** Jobs and runs of one page. */
const PAGE = 50;

export interface IRunFilter {
  target: string;
  job?: string;
  state?: RunState | '';
  text?: string;
}

/** Reads jobs and runs, and keeps what is shown of them up to date by events. */
export class JobsModel {
  constructor(readonly olo: IOlo) {
    this.targets = new Resource(() => olo.api.get<ITargetList>('targets'));
  }

  readonly targets: Resource<ITargetList>;

  /** Somebody asked to read everything again. */
  get refreshed(): ISignal<this, void> {
    return this.#refreshed;
  }

  refresh(): void {
    this.targets.invalidate();
    this.#refreshed.emit();
  }

  /** Read a list again after each of these events, after lost ones, and when asked to; until the answer is called. */
  follow(list: Watched, schemas: string[] = []): () => void {
    const followed = this.olo.events.follow(list, schemas, ({ catalog }) => !catalog);
    const again = (): void => list.invalidate();
    this.#refreshed.connect(again);
    return () => {
      followed.dispose();
      this.#refreshed.disconnect(again);
    };
  }

  /** Whether a run belongs to what is shown of a target; '' shows this machine's. */
  concerns(run: IRunSummary, target: string): boolean {
    if (target) {
      return run.target === target;
    }
    const known = this.targets.value?.targets.find(({ name }) => name === run.target);
    return !known || known.orchestrator === 'local';
  }

  jobs(target: string, filter: IJobFilter): Paged<IJobSummary> {
    return new Paged(async after => {
      const query = { target, ...filter, offset: Number(after || 0), limit: PAGE };
      const { jobs, total } = await this.olo.api.get<IJobList>('jobs', query);
      const end = query.offset + jobs.length;
      return { items: jobs, total, next: jobs.length && end < total ? String(end) : '' };
    });
  }

  runs(filter: IRunFilter, limit = PAGE): Paged<IRunSummary> {
    return new Paged(async after => {
      const { runs, next } = await this.olo.api.get<IRunList>('runs', { ...filter, after, limit });
      return { items: runs, total: null, next };
    });
  }

  job(name: string, target: string): Resource<IJob> {
    return new Resource(() => this.olo.api.get<IJob>(route`jobs/${name}`, { target }));
  }

  run(id: string, target: string): Resource<IRun> {
    return new Resource(() => this.olo.api.get<IRun>(route`runs/${id}`, { target }));
  }

  /** Hear of every run that changes, until the answer is called. */
  onRun(slot: (run: IRun) => void): () => void {
    const heard = this.olo.events.on<{ run: IRun }>(RUN_CHANGED, ({ run }) => slot(run));
    return () => heard.dispose();
  }

  readonly #refreshed = new Signal<this, void>(this);
}

/** A list of runs after one of them changed: a new one on top, a known one in its place, one that no longer fits out. */
export function withRun(runs: readonly IRunSummary[], run: IRunSummary, filter: IRunFilter): readonly IRunSummary[] {
  const known = runs.some(({ id }) => id === run.id);
  const text = (filter.text ?? '').toLowerCase();
  const fits =
    (!filter.job || filter.job === run.job) &&
    (!filter.state || filter.state === run.state) &&
    [run.job, run.id, run.user].some(word => word.toLowerCase().includes(text));
  if (!fits) {
    return known ? runs.filter(({ id }) => id !== run.id) : runs;
  }
  return known ? runs.map(old => (old.id === run.id ? run : old)) : [run, ...runs];
}

/** A job after one of its runs changed. */
export function withLast(job: IJobSummary, run: IRunSummary): IJobSummary {
  const { last } = job;
  if (job.name !== run.job || (last && last.id !== run.id && (last.started ?? '') > (run.started ?? ''))) {
    return job;
  }
  const counts = ENDED.has(run.state) && !(last?.id === run.id && ENDED.has(last.state));
  return {
    ...job,
    last: run,
    ended: job.ended + (counts ? 1 : 0),
    succeeded: job.succeeded + (counts && run.state === 'success' ? 1 : 0)
  };
}
