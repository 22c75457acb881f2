import { Events, RUN_CHANGED } from '../src/frame/events';
import { Paged } from '../src/frame/paged';
import type { IOlo } from '../src/frame/tokens';
import type { IJobSummary, IRunSummary, ITaskRun, RunState } from '../src/jobs/answers';
import { learnClock, serverTime } from '../src/frame/clock';
import { misread, parseFilter, withKey } from '../src/jobs/filter';
import { gantt } from '../src/jobs/gantt';
import { JobsModel, withLast, withRun } from '../src/jobs/model';
import { given, hasParameters } from '../src/jobs/values';
import { neighbour } from '../src/graph/neighbour';

const run = (id: string, state: RunState, more: Partial<IRunSummary> = {}): IRunSummary => ({
  id,
  job: 'daily',
  target: 'dev',
  ref: '',
  user: 'ana',
  state,
  started: '2026-01-31T06:00:00Z',
  ended: null,
  moment: null,
  backfill: '',
  message: '',
  ...more
});

describe('withRun', () => {
  const runs = [run('b', 'running'), run('a', 'success')];
  const ids = (list: readonly IRunSummary[]): string[] => list.map(({ id, state }) => `${id} ${state}`);

  it('puts a new run on top and a known one in its place', () => {
    expect(ids(withRun(runs, run('c', 'queued'), { target: '' }))).toEqual(['c queued', 'b running', 'a success']);
    expect(ids(withRun(runs, run('b', 'failed'), { target: '' }))).toEqual(['b failed', 'a success']);
  });

  it('leaves out what the filter does not want, also when it changes so', () => {
    expect(withRun(runs, run('c', 'queued'), { target: '', state: 'failed' })).toBe(runs);
    expect(ids(withRun(runs, run('b', 'failed'), { target: '', state: 'running' }))).toEqual(['a success']);
    expect(withRun(runs, run('c', 'queued', { job: 'other' }), { target: '', job: 'daily' })).toBe(runs);
    expect(ids(withRun(runs, run('c', 'queued'), { target: '', text: 'ANA' }))[0]).toBe('c queued');
  });
});

describe('withLast', () => {
  const job = { name: 'daily', last: run('a', 'running'), succeeded: 3, ended: 4 } as IJobSummary;

  it('counts a run once, when it ends', () => {
    const ended = withLast(job, run('a', 'success'));
    expect([ended.last!.state, ended.succeeded, ended.ended]).toEqual(['success', 4, 5]);
    expect(withLast(ended, run('a', 'success'))).toMatchObject({ succeeded: 4, ended: 5 });
  });

  it('is not moved by other jobs or earlier runs', () => {
    expect(withLast(job, run('x', 'failed', { job: 'other' }))).toBe(job);
    expect(withLast(job, run('x', 'failed', { started: '2026-01-30T06:00:00Z' }))).toBe(job);
  });
});

describe('JobsModel', () => {
  it('shows of Airflow what its target says, of this machine all others', async () => {
    const stream = { connect: () => true, disconnect: () => true };
    const events = new Events({ stream } as never);
    const api = {
      get: async () => ({
        targets: [
          { name: 'prod', orchestrator: 'airflow' },
          { name: 'dev', orchestrator: 'local' }
        ]
      })
    };
    const model = new JobsModel({ api, events } as unknown as IOlo);
    await model.targets.load();
    const of = (target: string): IRunSummary => run('a', 'queued', { target });
    expect(['prod', 'dev', 'gone'].map(target => model.concerns(of(target), ''))).toEqual([false, true, true]);
    expect(['prod', 'dev'].map(target => model.concerns(of(target), 'prod'))).toEqual([true, false]);
    events.dispose();
    expect(RUN_CHANGED).toContain('run-changed');
  });
});

describe('Paged', () => {
  const pages = (total: number): { list: Paged<number>; asked: string[] } => {
    const asked: string[] = [];
    const list = new Paged<number>(async after => {
      asked.push(after);
      const first = Number(after || 0);
      const items = [first, first + 1].filter(item => item < total);
      return { items, total, next: first + 2 < total ? String(first + 2) : '' };
    });
    return { list, asked };
  };

  it('reads on as far as somebody scrolls, and as far again after a change', async () => {
    const { list, asked } = pages(5);
    await list.load();
    await list.more();
    expect([list.items, list.total, list.hasMore]).toEqual([[0, 1, 2, 3], 5, true]);
    await list.load();
    expect(list.items).toEqual([0, 1, 2, 3]);
    await list.more();
    await list.more();
    expect([list.items, list.hasMore]).toEqual([[0, 1, 2, 3, 4], false]);
    expect(asked).toEqual(['', '2', '', '2', '4']);
  });
});

describe('filter', () => {
  it.each([
    ['', { text: '', owner: '', tag: '', state: '' }],
    ['two words', { text: 'two words', owner: '', tag: '', state: '' }],
    ['owner:"data team" Tag:daily x', { text: 'x', owner: 'data team', tag: 'daily', state: '' }],
    ['state:failed a:b', { text: 'a:b', owner: '', tag: '', state: 'failed' }],
    ['state:faild State:success', { text: 'state:faild', owner: '', tag: '', state: 'success' }],
    ['state:failedly', { text: 'state:failedly', owner: '', tag: '', state: '' }]
  ])('%s', (typed, filter) => {
    expect(parseFilter(typed)).toEqual(filter);
  });

  it('tells what was meant as a key and is text', () => {
    expect(misread(parseFilter('onwer:ana owner:ana state:faild at 12:30'))).toEqual([
      'onwer:ana',
      'state:faild',
      '12:30'
    ]);
    expect(misread(parseFilter('daily state:failed'))).toEqual([]);
  });

  it('sets and takes out one key', () => {
    expect(withKey('x', 'owner', 'data team')).toBe('owner:"data team" x');
    expect(withKey('owner:ana tag:b x', 'owner', '')).toBe('tag:b x');
  });
});

describe('clock', () => {
  it('moves by the difference to the server, not by the time of a request', () => {
    learnClock('2026-01-31T06:00:01Z', Date.parse('2026-01-31T06:00:00Z'));
    expect(serverTime(1000)).toBe(1000);
    learnClock('2026-01-31T07:00:00Z', Date.parse('2026-01-31T06:00:00Z'));
    expect(serverTime(1000)).toBe(3_601_000);
    learnClock('nonsense', 0);
    expect(serverTime(1000)).toBe(1000);
  });
});

describe('gantt', () => {
  const task = (name: string, started: string | null, ended: string | null, state: RunState): ITaskRun =>
    ({ name, started, ended, state }) as ITaskRun;
  const at = (second: number): string => new Date(Date.UTC(2026, 0, 31, 6, 0, second)).toISOString();
  const now = Date.parse(at(100));

  it('places tasks on one axis; what runs grows, what waits has no bar', () => {
    const { bars, ticks } = gantt(
      [task('a', at(0), at(50), 'success'), task('b', at(50), null, 'running'), task('c', null, null, 'queued')],
      now
    );
    expect(bars.map(({ from, width }) => [from, width])).toEqual([
      [0, 0.5],
      [0.5, 0.5],
      [null, 0]
    ]);
    expect(ticks.map(({ seconds }) => seconds)).toEqual([0, 30, 60, 90]);
  });

  it('bears clocks that differ: an end before the start, a start in the future', () => {
    const { bars } = gantt([task('a', at(200), at(10), 'success'), task('b', at(100), null, 'running')], now);
    expect(bars.every(({ width }) => width >= 0 && width <= 1)).toBe(true);
    expect(gantt([], now).bars).toEqual([]);
  });
});

describe('form', () => {
  it('leaves out what was left empty', () => {
    expect(given({ a: '', b: undefined, c: 0, d: false })).toEqual({ c: 0, d: false });
    expect([hasParameters({}), hasParameters({ properties: { a: {} } })]).toEqual([false, true]);
  });
});

describe('neighbour', () => {
  it('walks along links sideways, by place up and down', () => {
    const places = new Map([
      ['a', { x: 0, y: 0 }],
      ['b', { x: 100, y: -50 }],
      ['c', { x: 100, y: 40 }]
    ]);
    const links = [
      { source: 'a', target: 'b' },
      { source: 'a', target: 'c' }
    ];
    expect(neighbour('a', 'right', places, links)).toBe('c');
    expect(neighbour('c', 'up', places, links)).toBe('b');
    expect(neighbour('b', 'left', places, links)).toBe('a');
    expect(neighbour('a', 'left', places, links)).toBeNull();
    expect(neighbour('gone', 'left', places, links)).toBeNull();
  });
});
