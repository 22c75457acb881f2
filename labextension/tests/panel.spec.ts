import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { Api, ApiError, IApi, IRun } from '../src/api';
import { catalogTree } from '../src/panel/catalog';
import { CATALOG_CHANGED, JOBS_CHANGED, listen, RUN_CHANGED } from '../src/panel/events';
import { RunsModel } from '../src/panel/runs';
import { agoText, durationText, secondsBetween } from '../src/panel/time';
import { ROW_HEIGHT, visibleRange } from '../src/panel/window';

const trans = nullTranslator.load('olo_jupyter');

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
  const api = (answer: () => Promise<IRun[]>): IApi => ({ runs: answer }) as unknown as IApi;

  it('puts a new run on top and a known one in its place', async () => {
    const model = new RunsModel(api(async () => [run('b', 'running'), run('a', 'success')]));
    await model.load();
    expect(model.running).toBe(true);
    model.apply(run('c', 'queued'));
    model.apply(run('b', 'failed'));
    expect(model.items!.map(({ id, state }) => `${id} ${state}`)).toEqual(['c queued', 'b failed', 'a success']);
    expect(model.running).toBe(false);
  });

  it('keeps no more than it shows', async () => {
    const model = new RunsModel(
      api(async () => Array.from({ length: 100 }, (_, index) => run(`r${index}`, 'success')))
    );
    await model.load();
    model.apply(run('new', 'running'));
    expect([model.items!.length, model.items![0]!.id]).toEqual([100, 'new']);
  });

  it('tells an error and forgets it when a retry works; events before the first load change nothing', async () => {
    let works = false;
    const model = new RunsModel(api(async () => (works ? [] : Promise.reject(new Error('no')))));
    model.apply(run('a', 'running'));
    await model.load();
    expect([model.items, model.error?.message]).toEqual([null, 'no']);
    works = true;
    await model.load();
    expect([model.items, model.error]).toEqual([[], null]);
  });
});

describe('catalogTree', () => {
  it('goes from catalog to columns, tags and snapshots, each with what to put in a statement', async () => {
    const api = {
      catalogs: async () => [{ name: 'dev', access: 'direct', sandbox: false }],
      namespaces: async () => ['silver'],
      tables: async () => [{ name: 'two words', sql_name: 'dev.silver."two words"' }],
      table: async () => ({
        sql_name: 'dev.silver."two words"',
        columns: [{ name: 'A b', sql_name: '"A b"', type: 'decimal(10,2)', required: true, comment: 'why' }],
        refs: [
          { name: 'main', kind: 'branch', snapshot: '9' },
          { name: "it's", kind: 'tag', snapshot: '9007199254740993' }
        ],
        snapshots: [{ id: '9007199254740993', at: '2026-01-31T06:00:00Z', operation: 'append', rows: 1 }],
        snapshot_count: 1
      })
    } as unknown as IApi;
    const tree = catalogTree(api, trans);
    await tree.load();
    for (let row = 0; row < tree.rows.length; row++) {
      await tree.toggle(tree.rows[row]!.path, true);
    }
    const nodes = tree.rows.flatMap(row => (row.type === 'node' ? [row.node] : []));
    expect(nodes.map(({ kind, label }) => `${kind} ${label}`).slice(0, 6)).toEqual([
      'catalog dev',
      'namespace silver',
      'table two words',
      'column A b',
      "tag it's",
      'history 1 snapshot'
    ]);
    expect(nodes.map(({ from }) => from).filter(Boolean)).toEqual([
      'dev.silver."two words"',
      `dev.silver."two words" FOR VERSION AS OF 'it''s'`,
      'dev.silver."two words" FOR VERSION AS OF 9007199254740993'
    ]);
    expect(nodes[3]!.sqlName).toBe('"A b"');
  });
});

describe('events', () => {
  it('go to the listener until it stops', () => {
    const stream = new Signal<object, object>({});
    const heard: unknown[] = [];
    const stop = listen({ stream } as never, {
      run: ({ id }) => heard.push(id),
      catalogChanged: name => heard.push(name),
      projectChanged: () => heard.push('project'),
      jobs: () => heard.push('jobs')
    });
    stream.emit({ schema_id: RUN_CHANGED, run: run('r1', 'running') });
    stream.emit({ schema_id: CATALOG_CHANGED, catalog: 'dev' });
    stream.emit({ schema_id: CATALOG_CHANGED, catalog: '' });
    stream.emit({ schema_id: JOBS_CHANGED });
    stream.emit({ schema_id: 'https://events.jupyter.org/other' });
    stop();
    stream.emit({ schema_id: JOBS_CHANGED });
    expect(heard).toEqual(['r1', 'dev', 'project', 'jobs']);
  });
});

describe('Api', () => {
  const answers = (status: number, body: string): Api => {
    const fetch = async (request: { url: string }): Promise<unknown> => {
      urls.push(request.url);
      return { ok: status < 400, status, text: async () => body, headers: new Map() };
    };
    const Request = class {
      headers = new Map();
      constructor(readonly url: string) {}
    };
    return new Api(ServerConnection.makeSettings({ baseUrl: 'http://localhost/base/', fetch, Request } as never));
  };
  let urls: string[] = [];
  beforeEach(() => {
    urls = [];
  });

  it('percent-encodes names', async () => {
    await answers(200, '{}').table('dev', 'a.b', 'x/y "z"?');
    expect(urls[0]!.split('?')[0]).toBe(
      'http://localhost/base/olo/api/catalogs/dev/namespaces/a.b/tables/x%2Fy%20%22z%22%3F'
    );
  });

  it.each([
    ['the server says why', 404, '{"code":"table-not-found","message":"Gone.","hint":"Look."}', 'Gone.', 'Look.'],
    ['a proxy answers with a page', 502, '<html>', 'The server answered 502.', ''],
    ['a good status comes with no JSON', 200, '<html>', 'The server answered 200.', '']
  ])('throws when %s', async (_, status, body, message, hint) => {
    const error: unknown = await answers(status, body)
      .catalogs()
      .catch(reason => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect([(error as ApiError).message, (error as ApiError).hint]).toEqual([message, hint]);
  });
});

describe('times', () => {
  const now = Date.parse('2026-01-31T12:00:00Z');

  it('measures to the end, or to now', () => {
    expect(secondsBetween(null, null, now)).toBeNull();
    expect(secondsBetween('2026-01-31T11:59:50Z', null, now)).toBe(10);
    expect(secondsBetween('2026-01-31T11:59:50Z', '2026-01-31T11:59:51.5Z', now)).toBe(1.5);
    expect(secondsBetween('2026-01-31T12:00:05Z', null, now)).toBe(0);
  });

  it.each([
    [0.04, '0.0 s'],
    [9.97, '10 s'],
    [59.6, '1 min 0 s'],
    [3725, '1 h 2 min']
  ])('%d seconds are %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });

  it('says how long ago', () => {
    expect(
      ['2026-01-31T11:59:59Z', '2026-01-31T11:55:00Z', '2026-01-31T02:00:00Z'].map(at => agoText(at, now, trans))
    ).toEqual(['just now', '5 min ago', '10 h ago']);
  });
});

describe('visibleRange', () => {
  it('holds the rows in sight and stays within the list', () => {
    expect(visibleRange(0, 240, 5)).toEqual([0, 5]);
    const [first, last] = visibleRange(1000 * ROW_HEIGHT, 240, 5000);
    expect(first).toBeLessThanOrEqual(1000);
    expect(last).toBeGreaterThanOrEqual(1010);
    expect(last - first).toBeLessThan(50);
    expect(visibleRange(1e6, 240, 5)).toEqual([5, 5]);
  });
});
