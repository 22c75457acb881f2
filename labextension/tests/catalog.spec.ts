import { nullTranslator } from '@jupyterlab/translation';

import { catalogTree } from '../src/catalog/nodes';
import type { IApi } from '../src/frame/api';

const trans = nullTranslator.load('olo_jupyter');

describe('catalogTree', () => {
  it('goes from catalog to columns, tags and snapshots, each with what to put in a statement', async () => {
    const answers: Record<string, unknown> = {
      catalogs: { catalogs: [{ name: 'dev', access: 'direct', sandbox: false }] },
      'catalogs/dev/namespaces': { namespaces: ['silver'] },
      'catalogs/dev/namespaces/silver/tables': {
        tables: [{ name: 'two words', sql_name: 'dev.silver."two words"', kind: 'table' }]
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
