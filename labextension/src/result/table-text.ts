/** Rows as texts for elsewhere: tab-separated for a spreadsheet, CSV for a file. */

import type { ResultModel } from './model';

/**
 * The shown rows as CSV with a header, as `%olo export` writes it: NULL as an empty field, an empty text as `""`.
 * Values are as the grid shows them.
 */
export function csvText(model: ResultModel): string {
  return tableText(model, ',', '\n', value => {
    if (value === null) {
      return '';
    }
    return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  });
}

/** The shown rows for a spreadsheet: tabs, with a header. Tabs and line ends in values become spaces. */
export function tabText(model: ResultModel): string {
  return tableText(model, '\t', '\n', value => (value ?? '').replace(/[\t\r\n]+/g, ' '));
}

function tableText(
  model: ResultModel,
  separator: string,
  end: string,
  written: (value: string | null) => string
): string {
  const lines = [model.columns.map(({ name }) => written(name)).join(separator)];
  for (let row = 0; row < model.rowCount('body'); row++) {
    const source = model.source(row);
    lines.push(model.columns.map((_, column) => written(model.preview.text(source, column))).join(separator));
  }
  return lines.join(end) + end;
}
