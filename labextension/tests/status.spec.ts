import { Signal } from '@lumino/signaling';

import type { IApi } from '../src/frame/api';
import { Events, RUN_CHANGED } from '../src/frame/events';
import { IRunNotice, openRun, RecentRuns } from '../src/status/model';

const settle = (): Promise<void> => new Promise(done => setTimeout(done));
const run = (id: string, state: string, ended: string | null = null): IRunNotice => ({
  id,
  job: 'daily',
  target: 'dev',
  state,
  started: '2026-01-31T06:00:00Z',
  ended,
  message: ''
});

describe('RecentRuns', () => {
  const stream = new Signal<object, object>({});
  const now = (): string => new Date().toISOString();
  const setUp = async (runs: IRunNotice[]): Promise<{ recent: RecentRuns; told: string[]; events: Events }> => {
    const told: string[] = [];
    const events = new Events({ stream } as never);
    const recent = new RecentRuns({ get: async () => ({ runs }) } as unknown as IApi, events, ({ id }) =>
      told.push(id)
    );
    recent.hold();
    await settle();
    return { recent, told, events };
  };

  it('counts failures of a day; old ones and those of other states are none', async () => {
    const { recent, told, events } = await setUp([
      run('new', 'failed', now()),
      run('old', 'failed', '2020-01-01T00:00:00Z'),
      run('fine', 'success', now()),
      run('on', 'running')
    ]);
    expect([recent.failures.map(({ id }) => id), recent.running.map(({ id }) => id), told]).toEqual([
      ['new'],
      ['on'],
      []
    ]);
    events.dispose();
  });

  it('tells of a failure once, when it happens', async () => {
    const { recent, told, events } = await setUp([run('a', 'running')]);
    stream.emit({ schema_id: RUN_CHANGED, run: run('a', 'failed', now()) });
    stream.emit({ schema_id: RUN_CHANGED, run: run('a', 'failed', now()) });
    expect([told, recent.failures.length, recent.running.length]).toEqual([['a'], 1, 0]);
    events.dispose();
  });
});

it('a run is shown where it runs, which may be another machine', () => {
  const opened: unknown[] = [];
  openRun({ open: (...given) => void opened.push(given) }, { ...run('daily/scheduled-1', 'failed'), target: 'prod' });
  expect(opened).toEqual([['run', 'daily/scheduled-1', { target: 'prod' }]]);
});

describe("the server's pulse", () => {
  const ALIVE = 'urn:olo-jupyter:alive:v1';

  it('tells of lost events by a gap or another boot, and of nothing else', () => {
    const stream = new Signal<object, object>({});
    const events = new Events({ stream } as never);
    let lost = 0;
    events.missed.connect(() => void lost++);
    const beat = (boot: string, count: number): number => {
      stream.emit({ schema_id: ALIVE, boot, count, age: 15 * count });
      return lost;
    };
    expect([beat('a', 7), beat('a', 8), beat('a', 9)]).toEqual([0, 0, 0]);
    expect([beat('a', 12), beat('a', 13)]).toEqual([1, 1]);
    expect([beat('b', 0), beat('b', 1)]).toEqual([2, 2]);
    events.dispose();
  });

  it('tells of a server that was started again before its first pulse had come', () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_000_000);
    const lostAfter = (age: number): number => {
      const stream = new Signal<object, object>({});
      now.mockReturnValue(1_000_000);
      const events = new Events({ stream } as never);
      let lost = 0;
      events.missed.connect(() => void lost++);
      now.mockReturnValue(1_012_000);
      stream.emit({ schema_id: ALIVE, boot: 'a', count: 0, age });
      events.dispose();
      return lost;
    };
    expect([lostAfter(3600), lostAfter(12), lostAfter(0)]).toEqual([0, 0, 1]);
    now.mockRestore();
  });
});
