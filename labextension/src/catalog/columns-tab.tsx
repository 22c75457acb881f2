import * as React from 'react';

import { Filter } from '../frame/filter';
import { useWatched } from '../frame/hooks';
import { countText, shareText } from '../frame/numbers';
import { Empty } from '../frame/states';
import { useOlo } from '../frame/widget';
import type { IColumn, IColumnStatistics, ITableDetail } from './answers';
import type { TableModel } from './table';

/** The columns with types, tags and comments, and their figures where the table has files. */
export function ColumnsTab({ table, detail }: { table: TableModel; detail: ITableDetail }): React.JSX.Element {
  const { trans } = useOlo();
  const [match, setMatch] = React.useState('');
  const stored = detail.kind === 'table';
  const words = match.toLowerCase().split(/\s+/);
  const columns = detail.columns.filter(({ name, type, comment, sensitivity }) => {
    const text = `${name} ${type} ${comment} ${sensitivity}`.toLowerCase();
    return words.every(word => text.includes(word));
  });
  return (
    <div className="olo-Fill">
      <Filter value={match} change={setMatch} label={trans.__('Filter columns')} />
      {columns.length === 0 ? (
        <Empty title={trans.__('No column matches')} />
      ) : stored ? (
        <WithFigures table={table} columns={columns} />
      ) : (
        <Columns columns={columns} figures={null} />
      )}
    </div>
  );
}

function WithFigures({ table, columns }: { table: TableModel; columns: IColumn[] }): React.JSX.Element {
  const { statistics } = table;
  const { trans } = useOlo();
  useWatched(statistics);
  const figures = statistics.value && new Map(statistics.value.columns.map(one => [one.name.toLowerCase(), one]));
  return (
    <>
      {statistics.error && <div className="olo-Note">{trans.__('No figures: %1', statistics.error.message)}</div>}
      {statistics.value?.estimated_by && (
        <div className="olo-Note">
          {trans.__('Estimated by %1; – is what it has no estimate of.', statistics.value.estimated_by)}
        </div>
      )}
      {!!statistics.value?.deletes && (
        <div className="olo-Note">{trans.__('Deleted rows that the files still hold are counted.')}</div>
      )}
      <Columns columns={columns} figures={figures} />
    </>
  );
}

function Columns(props: { columns: IColumn[]; figures: Map<string, IColumnStatistics> | null }): React.JSX.Element {
  const { columns, figures } = props;
  const { trans } = useOlo();
  return (
    <div className="olo-Rows" tabIndex={0} role="region" aria-label={trans.__('Columns')}>
      <table className="olo-mod-columns" aria-label={trans.__('Columns')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col">{trans.__('Type')}</th>
            <th scope="col">{trans.__('Tag')}</th>
            {figures && (
              <>
                <th scope="col" className="olo-mod-number">
                  {trans.__('NULL')}
                </th>
                <th scope="col">{trans.__('Smallest')}</th>
                <th scope="col">{trans.__('Largest')}</th>
                <th scope="col" className="olo-mod-number">
                  {trans.__('Distinct')}
                </th>
              </>
            )}
            <th scope="col">{trans.__('Comment')}</th>
          </tr>
        </thead>
        <tbody>
          {columns.map(({ name, type, required, comment, sensitivity }) => {
            const one = figures?.get(name);
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td className="olo-mod-code" title={type}>
                  {type}
                  {required && <span className="olo-Rows-type">{trans.__('not null')}</span>}
                </td>
                <td>{sensitivity && <Tag name={sensitivity} />}</td>
                {figures && (
                  <>
                    <td className="olo-mod-number">{shareText(one?.null_share ?? null)}</td>
                    <td title={one?.smallest ?? undefined}>{one?.smallest ?? '–'}</td>
                    <td title={one?.largest ?? undefined}>{one?.largest ?? '–'}</td>
                    <td className="olo-mod-number">{countText(one?.distinct)}</td>
                  </>
                )}
                <td className="olo-mod-text">{comment}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Tag({ name }: { name: string }): React.JSX.Element {
  const shown = name === 'pii' ? 'PII' : name;
  return <span className={`olo-Chip ${name === 'public' ? '' : 'olo-mod-sensitive'}`}>{shown}</span>;
}
