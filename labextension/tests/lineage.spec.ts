import type { IApi } from '../src/frame/api';
import { chart } from '../src/experiments/chart';
import { cell, columns, metricText, nextSort, orderText } from '../src/experiments/columns';
import type { IExperimentRun } from '../src/experiments/answers';
import type { ILineageNode } from '../src/lineage/answers';
import { freshness, LineageModel } from '../src/lineage/model';

const node = (id: string, upstream: number, downstream: number, more: Partial<ILineageNode> = {}): ILineageNode =>
  ({ id, kind: 'dataset', namespace: 'dev', name: id, upstream, downstream, run: null, tests: null, ...more }) as never;

describe('LineageModel', () => {
  const answers: Record<string, object> = {
    'b both': {
      nodes: [node('a', 2, 1), node('b', 1, 1), node('c', 1, 3)],
      edges: [
        { source: 'a', target: 'b' },
        { source: 'b', target: 'c' }
      ],
      truncated: false
    },
    'c downstream': {
      nodes: [node('c', 1, 3), node('d', 1, 0, { namespace: 'prod', tests: { passed: 1, failed: 2, at: null } })],
      edges: [{ source: 'c', target: 'd' }],
      truncated: true
    }
  };
  const api = {
    get: async (_: string, query: { node: string; direction: string }) => {
      const found = answers[`${query.node} ${query.direction}`];
      if (!found) {
        throw new Error('no such node');
      }
      return found;
    }
  } as unknown as IApi;

  it('begins with the neighbours, knows how many are hidden, and is expanded', async () => {
    const model = new LineageModel(api, 'b');
    await model.load();
    expect([...model.nodes!.keys()]).toEqual(['a', 'b', 'c']);
    expect(model.hidden(model.nodes!.get('a')!, 'upstream')).toBe(2);
    expect(model.hidden(model.nodes!.get('c')!, 'downstream')).toBe(3);
    await model.expand('c', 'downstream');
    expect(model.hidden(model.nodes!.get('c')!, 'downstream')).toBe(2);
    expect([model.edges.length, model.truncated]).toEqual([3, true]);
    await model.load();
    expect(model.nodes!.has('d')).toBe(true);
  });

  it('filters, but keeps its root', async () => {
    const model = new LineageModel(api, 'b');
    await model.load();
    await model.expand('c', 'downstream');
    expect(model.filtered({ namespace: 'prod', state: '' }).map(({ id }) => id)).toEqual(['b', 'd']);
    expect(model.filtered({ namespace: '', state: 'failing' }).map(({ id }) => id)).toEqual(['b', 'd']);
  });

  it('tells an error and keeps what it has', async () => {
    const model = new LineageModel(api, 'b');
    await model.load();
    await model.expand('a', 'upstream');
    expect([model.error?.message, model.nodes!.size]).toEqual(['no such node', 3]);
  });

  it.each([
    [null, 'unknown'],
    ['2026-01-31T00:00:00Z', 'fresh'],
    ['2026-01-28T00:00:00Z', 'old'],
    ['2025-01-28T00:00:00Z', 'stale']
  ])('what was written %s is %s', (at, fresh) => {
    expect(freshness(at, Date.parse('2026-01-31T12:00:00Z'))).toBe(fresh);
  });
});

describe('runs of experiments', () => {
  it('have columns, and an order in MLflow’s words', () => {
    const [rmse, depth] = columns(['rmse'], ['max depth']) as [never, never];
    const run = { metrics: { rmse: 0.123456789 }, params: { 'max depth': '4' } } as unknown as IExperimentRun;
    expect([cell(run, rmse), cell(run, depth)]).toEqual(['0.123457', '4']);
    expect(cell({ metrics: {}, params: {} } as never, rmse)).toBe('');
    expect([metricText('NaN'), metricText(1234)]).toEqual(['NaN', (1234).toLocaleString()]);
    let sort = nextSort(null, 'metric:rmse');
    expect(orderText(sort)).toBe('metrics.rmse DESC');
    sort = nextSort(sort, 'metric:rmse');
    expect(orderText(sort)).toBe('metrics.rmse ASC');
    expect(orderText(nextSort(sort, 'metric:rmse'))).toBe('');
    expect(orderText({ column: 'param:max depth', ascending: true })).toBe('params.`max depth` ASC');
    expect(orderText({ column: 'start_time', ascending: false })).toBe('attributes.start_time DESC');
  });

  it('are drawn as lines; what is no number leaves a gap', () => {
    const point = (step: number, value: number | 'NaN'): { step: number; at: string; value: never } =>
      ({ step, at: '', value }) as never;
    const { lines, x, y } = chart([
      { run: 'a', key: 'm', sampled: false, points: [point(0, 1), point(1, 'NaN'), point(2, 3), point(3, 2)] },
      { run: 'b', key: 'm', sampled: false, points: [point(0, 5)] }
    ]);
    expect(lines[0]!.path.match(/M/g)).toHaveLength(2);
    expect([lines[0]!.last, lines[1]!.last]).toEqual([2, 5]);
    expect(lines[1]!.path).toContain('h0.1');
    expect([x.length > 1, y.length > 1]).toEqual([true, true]);
    expect(chart([]).lines).toEqual([]);
    expect(chart([{ run: 'a', key: 'm', sampled: false, points: [point(0, 'NaN')] }]).lines[0]!.path).toBe('');
  });
});
