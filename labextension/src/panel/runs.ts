import type { IApi, IRun } from '../api';
import { ListModel } from './list';

const KEPT = 100;

/** The newest runs, first the newest. Events change it one run at a time. */
export class RunsModel extends ListModel<IRun> {
  constructor(api: IApi) {
    super(() => api.runs());
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
    return this.items?.some(({ state }) => state === 'running') ?? false;
  }
}
