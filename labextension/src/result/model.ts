import { DataModel } from '@lumino/datagrid';

import type { IColumn } from './bundle';

/** The rows that a notebook holds of a result, as texts. */
export interface IPreview {
  readonly rows: number;
  /** The value of a cell, null for NULL. */
  text(row: number, column: number): string | null;
  /** Whether the column is drawn right-aligned. */
  isNumber(column: number): boolean;
}

/** A grid over a preview. The header has two rows: names, then Trino's types. */
export class ResultModel extends DataModel {
  constructor(
    readonly columns: readonly IColumn[],
    readonly preview: IPreview
  ) {
    super();
  }

  rowCount(region: DataModel.RowRegion): number {
    return region === 'body' ? this.preview.rows : 2;
  }

  columnCount(region: DataModel.ColumnRegion): number {
    return region === 'body' ? this.columns.length : 1;
  }

  /** Text, row number or null (a NULL); what the grid draws and what it copies. */
  data(region: DataModel.CellRegion, row: number, column: number): string | number | null {
    switch (region) {
      case 'body':
        return this.preview.text(row, column);
      case 'column-header':
        return (row === 0 ? this.columns[column]?.name : this.columns[column]?.type) ?? '';
      case 'row-header':
        return row + 1;
      case 'corner-header':
        return '';
    }
  }
}
