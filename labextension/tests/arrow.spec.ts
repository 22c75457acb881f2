import { readPreview } from '../src/result/arrow';
import { ResultModel } from '../src/result/model';
import made from './preview.json';

const preview = readPreview(made.preview, made.types);

describe('readPreview', () => {
  it.each(made.types.map((type, column) => [type, column] as const))('shows %s as Trino prints it', (_, column) => {
    expect([0, 1, 2].map(row => preview.text(row, column))).toEqual(made.texts[column]);
  });

  it('knows which columns are numbers', () => {
    const numbers = made.types.filter((_, column) => preview.isNumber(column));
    expect(numbers).toEqual(['bigint', 'double', 'real', 'decimal(38,2)', 'decimal(5,0)']);
  });

  it.each([
    ['no base64', '*'],
    ['no Arrow stream', btoa('no stream')],
    ['a stream that ends early', made.preview.slice(0, 2000)],
    ['nothing', '']
  ])('refuses %s', (_, wrong) => {
    expect(() => readPreview(wrong, made.types)).toThrow();
  });

  it('refuses columns that do not fit', () => {
    expect(() => readPreview(made.preview, ['bigint'])).toThrow(/columns/);
  });
});

describe('ResultModel', () => {
  const columns = made.types.map((type, index) => ({ name: `c${index}`, type }));
  const model = new ResultModel(columns, preview);

  it('has names, types and figures as its header, row numbers beside', () => {
    expect([model.rowCount('body'), model.columnCount('body'), model.rowCount('column-header')]).toEqual([
      3,
      columns.length,
      3
    ]);
    expect([model.data('column-header', 0, 6), model.data('column-header', 1, 6)]).toEqual(['c6', 'decimal(38,2)']);
    expect(model.data('row-header', 2, 0)).toBe(3);
    expect(model.data('body', 2, 0)).toBeNull();
  });
});
