import { PageConfig } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { Api, ApiError, route } from '../src/frame/api';
import { CATALOG_CHANGED, Events, JOBS_CHANGED } from '../src/frame/events';
import { linkTo, pageUrl, parseLink, withoutLink } from '../src/frame/links';
import { Resource } from '../src/frame/resource';
import { agoText, durationText, secondsBetween } from '../src/frame/time';
import { joinId, splitId } from '../src/frame/tokens';

const trans = nullTranslator.load('olo_jupyter');
const settle = (): Promise<void> => new Promise(done => setTimeout(done));

describe('Api', () => {
  type Answer = { status: number; body: string; redirected?: boolean };
  let asked: string[] = [];
  beforeEach(() => {
    asked = [];
  });
  const serving = (answers: (path: string) => Answer): Api => {
    const fetch = async (request: { url: string; method?: string }): Promise<unknown> => {
      const path = request.url.replace('http://localhost/base/', '').replace(/[?&]\d+$/, '');
      asked.push(path);
      const { status, body, redirected = false } = answers(path);
      return { ok: status < 400, status, redirected, text: async () => body, headers: new Map() };
    };
    const Request = class {
      headers = new Map();
      constructor(readonly url: string) {}
    };
    return new Api(ServerConnection.makeSettings({ baseUrl: 'http://localhost/base/', fetch, Request } as never));
  };
  const failing = async (api: Api): Promise<ApiError> => {
    const error: unknown = await api.get('catalogs').catch(reason => reason);
    expect(error).toBeInstanceOf(ApiError);
    return error as ApiError;
  };

  it('percent-encodes names, and leaves out what a query does not say', async () => {
    const api = serving(() => ({ status: 200, body: '{}' }));
    await api.get(route`catalogs/${'dev'}/tables/${'x/y "z"?'}`, { match: 'ä&b', page: null, limit: 5 });
    expect(asked[0]!.split('&1')[0]).toBe('olo/api/catalogs/dev/tables/x%2Fy%20%22z%22%3F?match=%C3%A4%26b&limit=5');
  });

  it('sends the same read once at a time', async () => {
    const api = serving(() => ({ status: 200, body: '{"a":1}' }));
    await Promise.all([api.get('jobs'), api.get('jobs'), api.get('runs')]);
    await api.get('jobs');
    expect(asked.map(path => path.split('?')[0])).toEqual(['olo/api/jobs', 'olo/api/runs', 'olo/api/jobs']);
  });

  it.each([
    ['the server says why', 404, '{"code":"table-not-found","message":"Gone.","hint":"Look."}', 'Gone.', 'Look.'],
    ['a proxy answers with a page', 502, '<html>', 'The server answered 502.', ''],
    ['a good status comes with no JSON', 200, '<html>', 'The server answered 200.', '']
  ])('throws when %s', async (_, status, body, message, hint) => {
    const error = await failing(serving(() => ({ status, body })));
    expect([error.message, error.hint]).toEqual([message, hint]);
  });

  it.each([
    ['nobody is known', 403, false, 403],
    ['the identity itself is sent to a login page', 401, true, 200]
  ])('says that the login expired when %s', async (_, status, redirected, me) => {
    const api = serving(path =>
      path.startsWith('api/me')
        ? { status: me, body: '<html>', redirected }
        : { status, body: '{"message":"Forbidden"}' }
    );
    let told = 0;
    api.loginExpired.connect(() => void told++);
    const error = await failing(api);
    expect([error.code, error.forbidden, told]).toEqual(['login-expired', false, 1]);
  });

  it('tells a person without permission from one who is not logged in', async () => {
    const api = serving(path =>
      path.startsWith('api/me')
        ? { status: 200, body: '{"identity":{"name":"ana"}}' }
        : { status: 403, body: '{"code":"forbidden","message":"Only data engineers may."}' }
    );
    api.loginExpired.connect(() => fail('asked to log in'));
    const error = await failing(api);
    expect([error.forbidden, error.message]).toEqual([true, 'Only data engineers may.']);
  });
});

describe('Resource', () => {
  it('asks nobody while nobody looks, and once when somebody does', async () => {
    let reads = 0;
    const resource = new Resource(async () => ++reads);
    resource.invalidate();
    await settle();
    expect([reads, resource.value]).toEqual([0, null]);
    const held = resource.hold();
    resource.hold().dispose();
    await settle();
    expect([reads, resource.value]).toEqual([1, 1]);
    held.dispose();
    resource.invalidate();
    resource.invalidate();
    await settle();
    expect(reads).toBe(1);
    resource.hold();
    await settle();
    expect(reads).toBe(2);
  });

  it('answers a burst of changes with one more read', async () => {
    const gates: ((value: number) => void)[] = [];
    const resource = new Resource(() => new Promise<number>(done => gates.push(done)));
    resource.hold();
    for (let event = 0; event < 50; event++) {
      resource.invalidate();
    }
    expect(gates.length).toBe(1);
    gates[0]!(1);
    await settle();
    expect(gates.length).toBe(2);
    gates[1]!(2);
    await settle();
    expect([gates.length, resource.value]).toEqual([2, 2]);
  });

  it('keeps what it has when a later read fails, and a late answer never replaces a newer one', async () => {
    const answers: { give: (value: string) => void; fail: (error: Error) => void }[] = [];
    const resource = new Resource(() => new Promise<string>((give, fail) => answers.push({ give, fail })));
    void resource.load();
    void resource.load();
    answers[1]!.give('new');
    answers[0]!.give('old');
    await settle();
    expect(resource.value).toBe('new');
    void resource.load();
    answers[2]!.fail(new Error('no'));
    await settle();
    expect([resource.value, resource.error?.message]).toEqual(['new', 'no']);
  });
});

describe('Events', () => {
  const stream = new Signal<object, object>({});
  const events = (): Events => new Events({ stream } as never);

  it('go by schema to who asked, until that is disposed', () => {
    const heard: unknown[] = [];
    const all = events();
    const one = all.on<{ catalog: string }>(CATALOG_CHANGED, ({ catalog }) => heard.push(catalog));
    stream.emit({ schema_id: CATALOG_CHANGED, catalog: 'dev' });
    stream.emit({ schema_id: 'https://events.jupyter.org/other', catalog: 'x' });
    one.dispose();
    stream.emit({ schema_id: CATALOG_CHANGED, catalog: 'prod' });
    all.dispose();
    expect(heard).toEqual(['dev']);
  });

  it('make models read again: after the events that concern them, and when some may be lost', async () => {
    let reads = 0;
    const resource = new Resource(async () => ++reads);
    resource.hold();
    await settle();
    const all = events();
    const following = all.follow(resource, [JOBS_CHANGED, CATALOG_CHANGED], data => data['catalog'] !== 'other');
    for (const told of [{ schema_id: JOBS_CHANGED }, { schema_id: CATALOG_CHANGED, catalog: 'other' }]) {
      stream.emit(told);
      await settle();
    }
    expect(reads).toBe(2);
    window.dispatchEvent(new Event('online'));
    await settle();
    expect(reads).toBe(3);
    following.dispose();
    stream.emit({ schema_id: JOBS_CHANGED });
    await settle();
    expect(reads).toBe(3);
    all.dispose();
  });
});

describe('links', () => {
  const names = ['dev', 'silver', 'a/b?&=%ü <script>'];

  it('open what they were made of, whatever the names hold', () => {
    const link = { kind: 'table', id: joinId(...names), args: { snapshot: '9007199254740993', tab: 'a&b' } };
    const { search, pathname } = new URL(linkTo(link), 'http://localhost/');
    expect(pathname).toBe('/lab');
    expect(parseLink(search)).toEqual(link);
    expect(splitId(parseLink(search)!.id)).toEqual(names);
  });

  it.each(['', '?reset', '?olo=', '?olo=table', '?olo=table/', '?olo=/x', '?olo=T%3Cb%3E/x'])(
    '%p opens nothing',
    text => {
      expect(parseLink(text)).toBeNull();
    }
  );

  it('are taken out of an address, and nothing else is', () => {
    expect(withoutLink('?reset=&olo=run/7&olo.task=a&x=1')).toBe('?reset=&x=1');
    expect(withoutLink('?olo=run/7')).toBe('');
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
      ['2026-01-31T11:59:59Z', '2026-01-31T11:55:00Z', '2026-01-31T02:00:00Z', '2026-01-29T02:00:00Z'].map(at =>
        agoText(at, now, trans)
      )
    ).toEqual(['just now', '5 min ago', '10 h ago', '2 d ago']);
  });
});

describe('pages of other programs', () => {
  it('are as they are named, or below this Jupyter server', () => {
    expect(pageUrl('https://mlflow.example.org/#/experiments/1')).toBe('https://mlflow.example.org/#/experiments/1');
    expect(pageUrl('/proxy/5000/#/experiments/1?a=b')).toBe(`${PageConfig.getBaseUrl()}proxy/5000/#/experiments/1?a=b`);
  });
});
