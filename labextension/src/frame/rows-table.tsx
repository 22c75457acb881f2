import { useVirtualizer } from '@tanstack/react-virtual';
import * as React from 'react';

import { useOlo } from './widget';

/** Rows as the server's routes answer them. */
export interface IRows {
  columns: { name: string; type: string; masked?: boolean }[];
  rows: unknown[][];
  truncated: boolean;
  snapshot?: string | null;
}

const ROW_HEIGHT = 24;
const NUMERIC = /^(tinyint|smallint|integer|bigint|real|double|decimal)/;

/** A table of rows that draws only those in sight; its head stays. */
export function RowsTable(props: {
  data: IRows;
  label: string;
  /** A class for a row, by what is in it. */
  rowClass?: (row: unknown[]) => string;
}): React.JSX.Element {
  const { data, label, rowClass } = props;
  const { trans } = useOlo();
  const scroller = React.useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: data.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12
  });
  const shown = virtual.getVirtualItems();
  const above = shown[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (shown[shown.length - 1]?.end ?? 0);
  const width = data.columns.length;
  return (
    <div ref={scroller} className="olo-Rows" tabIndex={0} role="region" aria-label={label}>
      <table aria-label={label} aria-rowcount={data.rows.length + 1}>
        <thead>
          <tr>
            {data.columns.map(({ name, type, masked }, index) => (
              <th key={index} scope="col" className={NUMERIC.test(type) ? 'olo-mod-number' : ''} title={type}>
                {name}
                <span className="olo-Rows-type">{masked ? trans.__('hidden') : shortType(type)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && (
            <tr aria-hidden="true">
              <td colSpan={width} style={{ height: above }} />
            </tr>
          )}
          {shown.map(({ index }) => {
            const row = data.rows[index]!;
            return (
              <tr key={index} aria-rowindex={index + 2} className={rowClass?.(row)}>
                {row.map((value, at) => {
                  const { type, masked } = data.columns[at]!;
                  return (
                    <td key={at} className={NUMERIC.test(type) ? 'olo-mod-number' : ''}>
                      <Value value={value} masked={masked ?? false} />
                    </td>
                  );
                })}
              </tr>
            );
          })}
          {below > 0 && (
            <tr aria-hidden="true">
              <td colSpan={width} style={{ height: below }} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function Value({ value, masked }: { value: unknown; masked: boolean }): React.JSX.Element {
  if (masked) {
    return <span className="olo-Rows-null">•••</span>;
  }
  if (value === null || value === undefined) {
    return <span className="olo-Rows-null">NULL</span>;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const short = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  return <span title={text.length > 40 ? text.slice(0, 2000) : undefined}>{short}</span>;
}

function shortType(type: string): string {
  return type.length > 24 ? `${type.slice(0, 23)}…` : type;
}
