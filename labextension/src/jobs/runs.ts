import type { IApi } from '../frame/api';
import { Resource } from '../frame/resource';
import type { IRun } from './answers';

const KEPT = 100;

/** The newest runs, first the newest. Events change it one run at a time. */
export class RunsModel extends Resource<IRun[]> {
  constructor(api: IApi) {
    super(async () => (await api.get<{ runs: IRun[] }>('runs')).runs);
  }

  /** Put in a run as an event tells it: a new one on top, a known one in its place. */
  apply(run: IRun): void {
    this.update(runs => {
      const known = runs.some(({ id }) => id === run.id);
      return known ? runs.map(old => (old.id === run.id ? run : old)) : [run, ...runs].slice(0, KEPT);
    });
  }

  /** Whether a run is under way, so that its seconds count up. */
  get running(): boolean {
    return this.value?.some(({ state }) => state === 'running') ?? false;
  }
}
