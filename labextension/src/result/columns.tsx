import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IColumn } from './bundle';
import { count } from './caption';
import type { IRowOrder } from './rows';
import type { ISummary } from './summary';

export interface IColumnsProps {
  columns: readonly IColumn[];
  masked: ReadonlySet<string>;
  /** null for a masked one, and until it was counted. */
  summaryOf(column: number): ISummary | null;
  canSort(column: number): boolean;
  order: IRowOrder;
  wrong: ReadonlyMap<number, string>;
  /** What the figures count, e.g. `the first 1,000 of 336,776 rows`. */
  scope: string;
  /** The column to bring to sight. */
  chosen: number | null;
  onSort(column: number): void;
  onFilter(column: number, text: string): void;
  trans: TranslationBundle;
}

/** A card a column: what it holds, its sort, its filter. */
export function Columns(props: IColumnsProps): React.JSX.Element {
  const { columns, scope, trans } = props;
  return (
    <div className="olo-ResultColumns" role="region" aria-label={trans.__('Columns of the result')} tabIndex={0}>
      <div className="olo-ResultColumns-scope">{scope}</div>
      <ul>
        {columns.map((column, index) => (
          <Card key={index} {...props} column={column} index={index} />
        ))}
      </ul>
    </div>
  );
}

function Card(props: IColumnsProps & { column: IColumn; index: number }): React.JSX.Element {
  const { column, index, order, trans } = props;
  const node = React.useRef<HTMLLIElement>(null);
  const isChosen = props.chosen === index;
  React.useEffect(() => {
    if (isChosen) {
      node.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [isChosen]);
  const summary = props.summaryOf(index);
  const sort = order.sort?.column === index ? (order.sort.descending ? '▼' : '▲') : '';
  const wrong = props.wrong.get(index);
  return (
    <li ref={node} className={`olo-ResultColumn${isChosen ? ' olo-mod-chosen' : ''}`}>
      <div className="olo-ResultColumn-head">
        <span className="olo-ResultColumn-name" title={column.name}>
          {column.name}
        </span>
        <span className="olo-ResultColumn-type" title={column.type}>
          {column.type}
        </span>
        {props.canSort(index) && (
          <button
            className="olo-ResultColumn-sort"
            aria-label={trans.__('Sort by %1', column.name)}
            aria-pressed={!!sort}
            title={trans.__('Sort by %1', column.name)}
            onClick={() => props.onSort(index)}
          >
            {sort || '▲▼'}
          </button>
        )}
      </div>
      {props.masked.has(column.name) ? (
        <div className="olo-ResultColumn-figures">
          {trans.__('Tagged as sensitive: its values are not kept in the notebook. .to_pandas() has them.')}
        </div>
      ) : (
        <>
          {summary ? (
            <Figures summary={summary} trans={trans} />
          ) : (
            <div className="olo-ResultColumn-figures">{trans.__('Counting…')}</div>
          )}
          <input
            className="olo-ResultColumn-filter"
            placeholder={trans.__('> 10, = UA, null, part of a text')}
            aria-label={trans.__('Filter %1', column.name)}
            aria-invalid={!!wrong}
            value={order.filters.get(index) ?? ''}
            onChange={event => props.onFilter(index, event.target.value)}
          />
          {wrong && (
            <div className="olo-ResultColumn-wrong" role="alert">
              {wrong}
            </div>
          )}
        </>
      )}
    </li>
  );
}

function Figures(props: { summary: ISummary; trans: TranslationBundle }): React.JSX.Element {
  const { summary, trans } = props;
  const most = Math.max(...summary.bars.map(bar => bar.rows), 1);
  return (
    <>
      {summary.bars.length > 0 && summary.kind === 'histogram' && (
        <div className="olo-ResultColumn-bars" role="img" aria-label={trans.__('Histogram')}>
          {summary.bars.map((bar, at) => (
            <span key={at} title={bar.rows ? `${bar.label}: ${count.format(bar.rows)}` : ''}>
              <span style={{ height: bar.rows ? `max(1px, ${(100 * bar.rows) / most}%)` : 0 }} />
            </span>
          ))}
        </div>
      )}
      {summary.bars.length > 0 && summary.kind === 'frequent' && (
        <dl className="olo-ResultColumn-frequent">
          {summary.bars.map((bar, at) => (
            <div key={at} style={{ ['--olo-share' as string]: `${(100 * bar.rows) / most}%` }}>
              <dt title={bar.label}>{bar.label || '\u00a0'}</dt>
              <dd>{count.format(bar.rows)}</dd>
            </div>
          ))}
        </dl>
      )}
      <div className="olo-ResultColumn-figures">
        {[
          trans.__('%1 distinct', count.format(summary.distinct)),
          summary.nulls
            ? trans.__('%1 NULL (%2 %)', count.format(summary.nulls), percent(summary.nulls, summary.rows))
            : trans.__('no NULL'),
          summary.min !== null && summary.distinct > 1 ? trans.__('%1 to %2', summary.min, summary.max ?? '') : ''
        ]
          .filter(Boolean)
          .map(text => (
            <span key={text} title={text}>
              {text}
            </span>
          ))}
      </div>
    </>
  );
}

/** Never 0 for some, never 100 for not all. */
function percent(part: number, whole: number): string {
  const share = (100 * part) / whole;
  return share > 0 && share < 1 ? '<1' : share > 99 && part < whole ? '>99' : String(Math.round(share));
}
