import type { IApi } from '../src/frame/api';
import type { IRun } from '../src/jobs/answers';
import { RunsModel } from '../src/jobs/runs';

const run = (id: string, state: IRun['state']): IRun => ({
  id,
  job: 'daily',
  target: 'dev',
  ref: '',
  state,
  started: '2026-01-31T06:00:00Z',
  ended: null,
  message: '',
  tasks: []
});

describe('RunsModel', () => {
  const api = (answer: () => Promise<IRun[]>): IApi =>
    ({ get: async () => ({ runs: await answer() }) }) as unknown as IApi;

  it('puts a new run on top and a known one in its place', async () => {
    const model = new RunsModel(api(async () => [run('b', 'running'), run('a', 'success')]));
    await model.load();
    expect(model.running).toBe(true);
    model.apply(run('c', 'queued'));
    model.apply(run('b', 'failed'));
    expect(model.value!.map(({ id, state }) => `${id} ${state}`)).toEqual(['c queued', 'b failed', 'a success']);
    expect(model.running).toBe(false);
  });

  it('keeps no more than it shows', async () => {
    const model = new RunsModel(
      api(async () => Array.from({ length: 100 }, (_, index) => run(`r${index}`, 'success')))
    );
    await model.load();
    model.apply(run('new', 'running'));
    expect([model.value!.length, model.value![0]!.id]).toEqual([100, 'new']);
  });

  it('tells an error and forgets it when a retry works; events before the first load change nothing', async () => {
    let works = false;
    const model = new RunsModel(api(async () => (works ? [] : Promise.reject(new Error('no')))));
    model.apply(run('a', 'running'));
    await model.load();
    expect([model.value, model.error?.message]).toEqual([null, 'no']);
    works = true;
    await model.load();
    expect([model.value, model.error]).toEqual([[], null]);
  });
});
