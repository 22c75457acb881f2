import { nullTranslator } from '@jupyterlab/translation';

import { BundleError, readBundle } from '../src/result/bundle';
import { captionParts, omission, provenanceText } from '../src/result/caption';

const trans = nullTranslator.load('olo_jupyter');

function data(changes: object = {}): Record<string, unknown> {
  return {
    version: 1,
    columns: [{ name: 'carrier', type: 'varchar' }],
    rows: 336776,
    preview: '',
    truncated: false,
    provenance: {
      engine: 'embedded',
      query_id: 'q1',
      snapshots: { 'dev.silver.flights': '4321987654321987654' },
      seconds: 0.123,
      bytes: 2_500_000,
      sql: 'SELECT 1',
      fingerprint: 'abc'
    },
    ...changes
  };
}

describe('readBundle', () => {
  it('keeps all digits of a snapshot id', () => {
    expect(readBundle(data()).provenance.snapshots.get('dev.silver.flights')).toBe('4321987654321987654');
  });

  it.each([
    ['nothing', undefined],
    ['a list', []],
    ['another version', data({ version: 2 })],
    ['no columns', data({ columns: null })],
    ['a column without a type', data({ columns: [{ name: 'x' }] })],
    ['a negative count', data({ rows: -1 })],
    ['a preview that is no text', data({ preview: 1 })],
    ['no provenance', data({ provenance: null })],
    ['a rounded snapshot id', data({ provenance: { engine: 'embedded', snapshots: { t: 4321987654321987654 } } })]
  ])('refuses %s', (_, wrong) => {
    expect(() => readBundle(wrong)).toThrow(BundleError);
  });
});

describe('caption', () => {
  it('says rows, engine, seconds and snapshots', () => {
    expect(captionParts(readBundle(data()), trans)).toEqual([
      '336,776 rows',
      'embedded',
      '0.12 s',
      '2.5 MB read',
      'dev.silver.flights @ 4321987654321987654'
    ]);
  });

  it('names masked columns, and what the kernel notes', () => {
    const parts = captionParts(readBundle(data({ masked: ['email'], notes: ['times without a zone are UTC'] })), trans);
    expect(parts.slice(-2)).toEqual(['times without a zone are UTC', 'masked here: email']);
  });

  it('says one row', () => {
    expect(captionParts(readBundle(data({ rows: 1 })), trans)[0]).toBe('1 row');
  });

  it('says what was written', () => {
    const provenance = { engine: 'embedded', rows: 42, snapshots: {}, written: { 'dev.gold.x': '7' } };
    expect(captionParts(readBundle(data({ rows: 1, provenance })), trans).slice(0, 2)).toEqual([
      '42 rows written',
      'embedded'
    ]);
    expect(captionParts(readBundle(data({ rows: 1, provenance })), trans)).toContain('dev.gold.x @ 7');
  });

  it('counts many tables and names them in the tooltip', () => {
    const provenance = { engine: 'embedded', snapshots: { a: '1', b: '2', c: '3' }, as_of: '2026-01-31' };
    const bundle = readBundle(data({ provenance }));
    expect(captionParts(bundle, trans)).toEqual([
      '336,776 rows',
      'embedded',
      '3 tables, each at its snapshot',
      'as of 2026-01-31'
    ]);
    expect(provenanceText(bundle, trans).split('\n')).toEqual(['a @ snapshot 1', 'b @ snapshot 2', 'c @ snapshot 3']);
  });

  it('tells what the grid leaves out, and what the limit cut', () => {
    expect(omission(readBundle(data()), 1000, trans)).toBe(
      'The first 1,000 of 336,776 rows are kept here: sorting, filters and figures know only these.'
    );
    expect(omission(readBundle(data({ rows: 10, truncated: true })), 10, trans)).toMatch(/limit/);
    expect(omission(readBundle(data({ rows: 10 })), 10, trans)).toBe('');
  });
});
