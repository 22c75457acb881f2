import { DataModel } from '@lumino/datagrid';

import type { IColumn } from './bundle';
import type { IRowOrder } from './rows';

/** A value that compares as Trino orders it: times in nanoseconds, decimals as unscaled integers. */
export type Key = number | bigint | string;

/** The rows that a notebook holds of a result, as texts. */
export interface IPreview {
  readonly rows: number;
  /** The value of a cell, null for NULL. */
  text(row: number, column: number): string | null;
  /** Whether the column is drawn right-aligned. */
  isNumber(column: number): boolean;
  /** Whether the column's type has an order: not arrays, maps, rows … */
  isOrdered(column: number): boolean;
  /** The column's values in row order, null for NULL; undefined for types without an order. */
  keys(column: number): (Key | null)[] | undefined;
}

/** The rows of the column header. */
export const HEADER = { name: 0, type: 1, summary: 2 } as const;

/** A grid over a preview, in the order and with the filters that the reader chose. */
export class ResultModel extends DataModel {
  constructor(
    readonly columns: readonly IColumn[],
    readonly preview: IPreview,
    readonly masked: ReadonlySet<string> = new Set()
  ) {
    super();
  }

  /** How the rows are sorted now. */
  get sort(): IRowOrder['sort'] {
    return this.#sort;
  }

  /** Show these rows, in this order. */
  arrange(rows: Int32Array | null, sort: IRowOrder['sort']): void {
    this.#rows = rows;
    this.#sort = sort;
    this.emitChanged({ type: 'model-reset' });
  }

  /** The number that a shown row has in the result, from 0. */
  source(row: number): number {
    return this.#rows ? this.#rows[row]! : row;
  }

  rowCount(region: DataModel.RowRegion): number {
    return region === 'body' ? (this.#rows?.length ?? this.preview.rows) : 3;
  }

  columnCount(region: DataModel.ColumnRegion): number {
    return region === 'body' ? this.columns.length : 1;
  }

  /** Text, row number or null (a NULL); what the grid draws and what it copies. */
  data(region: DataModel.CellRegion, row: number, column: number): string | number | null {
    switch (region) {
      case 'body':
        return this.preview.text(this.source(row), column);
      case 'column-header':
        return this.#header(row, column);
      case 'row-header':
        return this.source(row) + 1;
      case 'corner-header':
        return '';
    }
  }

  #header(row: number, column: number): string {
    const { name, type } = this.columns[column] ?? { name: '', type: '' };
    switch (row) {
      case HEADER.name:
        return this.#sort?.column === column ? `${name} ${this.#sort.descending ? '▼' : '▲'}` : name;
      case HEADER.type:
        return this.masked.has(name) ? `${type} · masked` : type;
      default:
        return '';
    }
  }

  #rows: Int32Array | null = null;
  #sort: IRowOrder['sort'] = null;
}
