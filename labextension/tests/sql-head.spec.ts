import { Text } from '@codemirror/state';

import { optionOf, pinOf, resultOf, withOption, withPin } from '../src/sql-cells/head';
import { problemIn, rangeOf } from '../src/sql-cells/problems';
import { pinTable, tablePin, versionPin } from '../src/sql-cells/table-pins';

const table = (end: number, period: [number, number] | null = null): Parameters<typeof pinTable>[1] => ({
  sql_name: 'dev.silver.flights',
  written: 'silver.flights',
  end,
  period,
  snapshots: [],
  snapshot_count: 0,
  refs: [],
  failure: ''
});

describe("a SQL cell's line", () => {
  it.each([
    ['%%olo sql', '--engine', ''],
    ['%%olo sql r << --engine trino', '--engine', 'trino'],
    ['%%olo sql --engine=spark --limit 5', '--engine', 'spark'],
    [`%%olo sql --as-of '2026-01-31 00:00:00 UTC' --limit 5`, '--as-of', '2026-01-31 00:00:00 UTC'],
    [`%%olo sql --ref "it's"`, '--ref', "it's"],
    [`%%olo sql --ref '--engine'`, '--engine', '']
  ])('%s has %s', (line, name, value) => {
    expect(optionOf(line, name)).toBe(value);
  });

  it('is changed where it must be, and nowhere else', () => {
    expect(withOption('%%olo sql  r <<   --limit 5', '--engine', 'trino')).toBe(
      '%%olo sql  r <<   --limit 5 --engine trino'
    );
    expect(withOption('%%olo sql r << --engine trino --limit 5', '--engine', 'spark')).toBe(
      '%%olo sql r << --engine spark --limit 5'
    );
    expect(withOption('%%olo sql r << --engine trino --limit 5', '--engine', '')).toBe('%%olo sql r << --limit 5');
    expect(withOption('%%olo sql', '--engine', '')).toBe('%%olo sql');
  });

  it('has one pin', () => {
    const pinned = withPin('%%olo sql --snapshot 7 --limit 5', '--as-of', '3 days ago');
    expect(pinned).toBe("%%olo sql --limit 5 --as-of '3 days ago'");
    expect(pinOf(pinned)).toEqual({ option: '--as-of', value: '3 days ago' });
    expect(withPin(pinned, '', '')).toBe('%%olo sql --limit 5');
    expect(pinOf(withPin('%%olo sql', '--ref', "o'b"))).toEqual({ option: '--ref', value: "o'b" });
  });

  it('names its result', () => {
    expect([resultOf('%%olo sql delays << --limit 5'), resultOf('%%olo sql'), resultOf('%%olo sql 1 <<')]).toEqual([
      'delays',
      '',
      ''
    ]);
  });
});

describe('a pin in the text', () => {
  it('goes behind the name, before the alias, whatever stands before', () => {
    const sql = "SELECT '😀' FROM silver.flights f";
    const end = Array.from("SELECT '😀' FROM silver.flights").length;
    expect(pinTable(sql, table(end), versionPin('7', 'snapshot'))).toBe(
      "SELECT '😀' FROM silver.flights FOR VERSION AS OF 7 f"
    );
    expect(pinTable(sql, table(end), '')).toBe(sql);
  });

  it('takes the place of another one, and goes', () => {
    const sql = 'SELECT * FROM t FOR VERSION AS OF 7 AS f';
    const pinned = table(15, [16, 35]);
    expect(tablePin(sql, pinned)).toBe('FOR VERSION AS OF 7');
    expect(pinTable(sql, pinned, versionPin("o'b", 'ref'))).toBe("SELECT * FROM t FOR VERSION AS OF 'o''b' AS f");
    expect(pinTable(sql, pinned, '')).toBe('SELECT * FROM t AS f');
  });
});

describe('an error at its place', () => {
  const traceback = ['Column x is not there. [column-not-found]', '  line 3, column 8', '  3 | SELECT x', '  → Look.'];

  it('is read from our own errors only', () => {
    const error = { output_type: 'error', ename: 'CellError', evalue: 'Column x is not there.', traceback };
    expect(problemIn([{ output_type: 'stream' }, error])).toEqual({
      line: 3,
      column: 8,
      message: 'Column x is not there.'
    });
    expect(problemIn([{ ...error, ename: 'NameError' }])).toBeNull();
    expect(problemIn([{ ...error, traceback: ['no place'] }])).toBeNull();
  });

  it.each([
    [{ line: 2, column: 8 }, 'carrier'],
    [{ line: 2, column: 16 }, ','],
    [{ line: 3, column: 6 }, "'😀 x'"],
    [{ line: 3, column: 12 }, 'name'],
    [{ line: 2, column: 99 }, ','],
    [{ line: 2, column: 0 }, 'SELECT carrier ,']
  ])('%j underlines %s', (place, word) => {
    const doc = Text.of(['%%olo sql', 'SELECT carrier ,', "FROM '😀 x' name"]);
    const range = rangeOf(doc, { ...place, message: '' });
    expect(range && doc.sliceString(...range)).toBe(word);
  });

  it('underlines nothing outside of the text', () => {
    expect(rangeOf(Text.of(['']), { line: 2, column: 1, message: '' })).toBeNull();
    expect(rangeOf(Text.of(['', '']), { line: 2, column: 1, message: '' })).toBeNull();
  });
});
