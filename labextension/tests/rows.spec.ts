import { tableFromArrays, tableToIPC } from 'apache-arrow';

import { readPreview } from '../src/result/arrow';
import { ConditionError, readCondition } from '../src/result/conditions';
import { IPreview, ResultModel } from '../src/result/model';
import { compareKeys } from '../src/result/order';
import { arrange, nextSort, UNORDERED } from '../src/result/rows';
import { summarize } from '../src/result/summary';
import { csvText, tabText } from '../src/result/table-text';
import made from './preview.json';

const columns = made.types.map((type, index) => ({ name: `c${index}`, type }));
const preview = readPreview(made.preview, made.types);
const column = (type: string): number => made.types.indexOf(type);

/** The texts of one column, in the order that a sort or filters give. */
function shown(name: string, change: { descending?: boolean; filter?: string; search?: string }): (string | null)[] {
  const at = column(name);
  const { rows } = arrange(columns, preview, {
    sort: change.descending === undefined ? null : { column: at, descending: change.descending },
    search: change.search ?? '',
    filters: new Map(change.filter === undefined ? [] : [[at, change.filter]])
  });
  return Array.from(rows ?? [0, 1, 2], row => preview.text(row, at));
}

describe('sort', () => {
  it.each([
    ['bigint', ['-9223372036854775808', '9223372036854775807', null]],
    ['double', ['-0', '0.1', 'NaN']],
    ['boolean', ['false', 'true', null]],
    ['varchar', ['', '<b>é</b>', null]],
    ['decimal(38,2)', ['-0.05', '123456789012345678901234567890123456.78', null]],
    ['decimal(5,0)', ['-12345', '0', null]],
    ['date', ['0001-01-01', '1582-10-04', '9999-12-31']],
    ['timestamp(6)', ['1969-12-31 23:59:59.000001', '2026-01-01 00:00:00', '2026-01-31 23:59:59.999999']]
  ])('orders %s as Trino does, NULL last', (type, expected) => {
    expect(shown(type, { descending: false })).toEqual(expected);
    const nulls = expected.filter(value => value === null);
    const values = expected.filter(value => value !== null).reverse();
    expect(shown(type, { descending: true })).toEqual([...values, ...nulls]);
  });

  it('leaves types without an order as they came', () => {
    expect(preview.keys(column('array(integer)'))).toBeUndefined();
    expect(shown('array(integer)', { descending: false })).toEqual(['[1, NULL]', '[]', null]);
  });

  it('is by code points, not by UTF-16 units', () => {
    expect(compareKeys('\u{1F600}', '\uFF5E')).toBeGreaterThan(0);
    expect(compareKeys('a', 'ab')).toBeLessThan(0);
    expect(compareKeys(NaN, Infinity)).toBeGreaterThan(0);
    expect(compareKeys(-0, 0)).toBe(0);
  });

  it('goes up, down, and back to the order of the result', () => {
    const up = nextSort(null, 1);
    expect(up).toEqual({ column: 1, descending: false });
    expect(nextSort(up, 2)).toEqual({ column: 2, descending: false });
    expect(nextSort(nextSort(up, 1), 1)).toBeNull();
  });
});

describe('filters', () => {
  it.each([
    ['bigint', '= 9223372036854775807', ['9223372036854775807']],
    ['bigint', '> 9223372036854775806.5', ['9223372036854775807']],
    ['bigint', '>= 9223372036854775808', []],
    ['double', '> 0', ['0.1']],
    ['double', '!= 0.1', ['NaN', '-0']],
    ['real', '= 0.1', ['0.1']],
    ['boolean', '= TRUE', ['true']],
    ['varchar', "= ''", ['']],
    ['varchar', 'É', ['<b>é</b>']],
    ['varchar', 'null', [null]],
    ['varchar', 'is not null', ['', '<b>é</b>']],
    ['decimal(38,2)', '< -0.049', ['-0.05']],
    ['decimal(38,2)', '= -0.050', ['-0.05']],
    ['date', "<= '1582-10-04'", ['1582-10-04', '0001-01-01']],
    ['timestamp(6)', '> 2026-01-01', ['2026-01-31 23:59:59.999999']],
    ['timestamp(6)', '>= 2026-01-01', ['2026-01-31 23:59:59.999999', '2026-01-01 00:00:00']],
    ['timestamp(3) with time zone', '> 2026-01-31 06:00:00.4', ['2026-01-31 06:00:00.500 UTC']],
    ['time(6)', '>= 23:59', ['23:59:59.120000']],
    ['array(integer)', '1', ['[1, NULL]']],
    ['unknown', '> 1', []]
  ])('%s %s', (type, filter, expected) => {
    if (type === 'unknown') {
      expect(arrange(columns, preview, { ...UNORDERED, filters: new Map([[column(type), filter]]) }).wrong.size).toBe(
        1
      );
      return;
    }
    expect(shown(type, { filter })).toEqual(expected);
  });

  it.each([
    ['bigint', '> ten'],
    ['bigint', '>'],
    ['decimal(38,2)', '= 1e3'],
    ['boolean', '= yes'],
    ['date', '= 2026-02-30'],
    ['time(6)', '= noon'],
    ['array(integer)', '= 1']
  ])('refuses %s %s, and shows all rows', (type, filter) => {
    expect(() => readCondition(filter, columns[column(type)]!)).toThrow(ConditionError);
    const { rows, wrong } = arrange(columns, preview, { ...UNORDERED, filters: new Map([[column(type), filter]]) });
    expect([rows, [...wrong.keys()]]).toEqual([null, [column(type)]]);
  });

  it('finds a text in any column, and joins all conditions', () => {
    expect(shown('bigint', { search: '  12345678' })).toEqual(['-9223372036854775808']);
    expect(shown('bigint', { search: 'é', filter: '> 0' })).toEqual([]);
  });
});

describe('summary', () => {
  it('counts NULLs and values, and finds the ends', () => {
    expect(summarize(preview, column('bigint'))).toMatchObject({
      rows: 3,
      nulls: 1,
      distinct: 2,
      min: '-9223372036854775808',
      max: '9223372036854775807',
      kind: 'frequent'
    });
    expect(summarize(preview, column('unknown'))).toMatchObject({ nulls: 3, distinct: 0, min: null, bars: [] });
    expect(summarize(preview, column('array(integer)'))).toMatchObject({ nulls: 1, distinct: 2, min: null, max: null });
  });

  it('puts every number into one bar; those that are none are others', () => {
    const values = Float64Array.from({ length: 1000 }, (_, row) => (row === 7 ? NaN : row));
    const summary = summarize(read({ x: values }, ['double']), 0);
    expect(summary.kind).toBe('histogram');
    expect(summary.bars.reduce((sum, bar) => sum + bar.rows, 0)).toBe(999);
    expect([summary.others, summary.bars[0]!.label, summary.max]).toEqual([1, '0 – 83', 'NaN']);
  });

  it('draws the most frequent texts, and nothing of texts that are all different', () => {
    const carriers = Array.from({ length: 100 }, (_, row) => ['UA', 'AA', 'DL'][row % 3 === 0 ? 0 : row % 2 ? 1 : 2]!);
    expect(summarize(read({ x: carriers }, ['varchar']), 0).bars.map(bar => [bar.label, bar.rows])).toEqual([
      ['UA', 34],
      ['AA', 33],
      ['DL', 33]
    ]);
    const ids = Array.from({ length: 100 }, (_, row) => `id-${row}`);
    expect(summarize(read({ x: ids }, ['varchar']), 0)).toMatchObject({ bars: [], others: 100, distinct: 100 });
  });
});

describe('texts for elsewhere', () => {
  const model = new ResultModel(
    [
      { name: 'a,b', type: 'varchar' },
      { name: 'n', type: 'integer' }
    ],
    read({ a: ['', 'x "y"\n', null], n: Int32Array.from([1, 2, 3]) }, ['varchar', 'integer'])
  );

  it('tells NULL from an empty text in CSV', () => {
    expect(csvText(model)).toBe('"a,b",n\n"",1\n"x ""y""\n",2\n,3\n');
  });

  it('keeps rows and columns apart for a spreadsheet, in the order shown', () => {
    model.arrange(Int32Array.from([1, 0]), null);
    expect(tabText(model)).toBe('a,b\tn\nx "y" \t2\n\t1\n');
  });
});

function read(arrays: Record<string, unknown>, types: string[]): IPreview {
  const bytes = tableToIPC(tableFromArrays(arrays as Parameters<typeof tableFromArrays>[0]), 'stream');
  return readPreview(Buffer.from(bytes).toString('base64'), types);
}
