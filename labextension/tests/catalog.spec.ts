import { nullTranslator } from '@jupyterlab/translation';

import { catalogTree, searchTree } from '../src/catalog/nodes';
import type { IApi } from '../src/frame/api';

const trans = nullTranslator.load('olo_jupyter');

describe('catalogTree', () => {
  it('goes from catalog to columns, tags and snapshots, each with what to put in a statement', async () => {
    const answers: Record<string, unknown> = {
      catalogs: { catalogs: [{ name: 'dev', access: 'direct', sandbox: false }] },
      'catalogs/dev/namespaces': { namespaces: ['silver'] },
      'catalogs/dev/namespaces/silver/tables': {
        tables: [{ name: 'two words', sql_name: 'dev.silver."two words"', kind: 'table' }],
        count: 1,
        next: null
      },
      'catalogs/dev/namespaces/silver/tables/two%20words': {
        sql_name: 'dev.silver."two words"',
        columns: [{ name: 'A b', sql_name: '"A b"', type: 'decimal(10,2)', required: true, comment: 'why' }],
        refs: [
          { name: 'main', kind: 'branch', snapshot: '9' },
          { name: "it's", kind: 'tag', snapshot: '9007199254740993' }
        ],
        snapshots: [{ id: '9007199254740993', at: '2026-01-31T06:00:00Z', operation: 'append', rows: 1 }],
        snapshot_count: 1
      }
    };
    const api = { get: async (path: string) => answers[path] } as unknown as IApi;
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

describe('a namespace of many tables', () => {
  const names = Array.from({ length: 1200 }, (_, index) => `t${String(index).padStart(4, '0')}`);
  const api = {
    get: async (path: string, { after = '', limit = 0 }: { after?: string; limit?: number } = {}) => {
      if (path.endsWith('/tables')) {
        asked.push(after);
        const rest = names.filter(name => name > after);
        const page = rest.slice(0, limit);
        return {
          tables: page.map(name => ({ name, sql_name: `dev.s.${name}`, kind: 'table' })),
          count: names.length,
          next: page.length < rest.length ? page[page.length - 1] : null
        };
      }
      return path === 'catalogs'
        ? { catalogs: [{ name: 'dev', access: 'direct', sandbox: false }] }
        : { namespaces: ['s'] };
    }
  } as unknown as IApi;
  let asked: string[] = [];

  it('is read by pages, each once, when somebody wants more', async () => {
    asked = [];
    const tree = catalogTree(api, trans);
    await tree.load();
    await tree.toggle(tree.rows[0]!.path, true);
    await tree.toggle(tree.rows[1]!.path, true);
    const last = (): (typeof tree.rows)[number] & { type: 'node' } =>
      tree.rows[tree.rows.length - 1]! as (typeof tree.rows)[number] & { type: 'node' };
    expect([tree.rows.length, last().node.kind, asked]).toEqual([2 + 500 + 1, 'more', ['']]);
    await tree.extend(last().parent, last().node);
    await tree.extend(last().parent, last().node);
    expect([tree.rows.length, last().node.label, asked]).toEqual([2 + 1200, 't1199', ['', 't0499', 't0999']]);
  });
});

describe('searchTree', () => {
  it('shows where each table is, and says what was not searched', async () => {
    const table = {
      catalog: 'dev',
      namespace: 'silver',
      name: 'flights',
      sql_name: 'dev.silver.flights',
      kind: 'table'
    };
    const api = {
      get: async () => ({ tables: [table], more: true, left_out: { governed: 'Only Trino may.' } })
    } as unknown as IApi;
    const tree = searchTree(api, trans, 'flig');
    await tree.load();
    const nodes = tree.rows.map(row => row.type === 'node' && [row.node.label, row.node.detail ?? row.node.title]);
    expect(nodes).toEqual([
      ['flights', 'dev.silver'],
      ['There are more: type more of the name', undefined],
      ['governed was not searched', 'Only Trino may.']
    ]);
    expect(tree.rows[0]!.type === 'node' && tree.rows[0]!.node.view).toBe('dev/silver/flights');
  });
});
