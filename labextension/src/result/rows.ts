/** Which rows are shown, and in which order. Pure. */

import type { IColumn } from './bundle';
import { ConditionError, ICondition, readCondition } from './conditions';
import type { IPreview } from './model';
import { compareKeys } from './order';

export interface IRowOrder {
  sort: { column: number; descending: boolean } | null;
  /** A part of any cell's text. */
  search: string;
  /** Conditions as they were typed, by column. */
  filters: ReadonlyMap<number, string>;
}

export const UNORDERED: IRowOrder = { sort: null, search: '', filters: new Map() };

export interface IArranged {
  /** Numbers of the rows; null for all of them in their own order. */
  rows: Int32Array | null;
  /** What is wrong with a column's condition; such a condition lets everything pass. */
  wrong: Map<number, string>;
}

/** Apply filters, then the sort: stable, NULLs last in both directions, as Trino's ORDER BY. */
export function arrange(columns: readonly IColumn[], preview: IPreview, order: IRowOrder): IArranged {
  const { conditions, wrong } = readConditions(columns, order.filters);
  const search = order.search.trim().toLowerCase();
  let rows: Int32Array | null = null;
  if (conditions.length || search) {
    const found: number[] = [];
    const keys = new Map(conditions.map(([column]) => [column, preview.keys(column)]));
    for (let row = 0; row < preview.rows; row++) {
      if (
        conditions.every(([column, condition]) => condition.test(preview.text(row, column), keys.get(column)?.[row])) &&
        (!search || columns.some((_, column) => preview.text(row, column)?.toLowerCase().includes(search)))
      ) {
        found.push(row);
      }
    }
    rows = Int32Array.from(found);
  }
  const keys = order.sort && preview.keys(order.sort.column);
  if (keys) {
    const sign = order.sort!.descending ? -1 : 1;
    rows ??= Int32Array.from({ length: preview.rows }, (_, row) => row);
    rows.sort((a, b) => {
      const [left, right] = [keys[a]!, keys[b]!];
      if (left === null || right === null) {
        return left === right ? a - b : left === null ? 1 : -1;
      }
      return sign * compareKeys(left, right) || a - b;
    });
  }
  return { rows, wrong };
}

function readConditions(
  columns: readonly IColumn[],
  filters: ReadonlyMap<number, string>
): { conditions: [number, ICondition][]; wrong: Map<number, string> } {
  const conditions: [number, ICondition][] = [];
  const wrong = new Map<number, string>();
  for (const [column, text] of filters) {
    try {
      const condition = readCondition(text, columns[column]!);
      if (condition) {
        conditions.push([column, condition]);
      }
    } catch (error) {
      if (!(error instanceof ConditionError)) {
        throw error;
      }
      wrong.set(column, error.message);
    }
  }
  return { conditions, wrong };
}

/** The order after a click on a column's header: up, down, as it came. */
export function nextSort(sort: IRowOrder['sort'], column: number): IRowOrder['sort'] {
  if (sort?.column !== column) {
    return { column, descending: false };
  }
  return sort.descending ? null : { column, descending: true };
}
