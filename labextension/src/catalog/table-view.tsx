import { addBelowIcon, copyIcon, launchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ApiError } from '../frame/api';
import { serverTime } from '../frame/clock';
import { useModel, useWatched } from '../frame/hooks';
import { icons } from '../frame/icons';
import { countText, sizeText } from '../frame/numbers';
import { Resource } from '../frame/resource';
import { RowsTable } from '../frame/rows-table';
import { Empty, Loaded } from '../frame/states';
import { ITab, Tabs } from '../frame/tabs';
import { agoText, momentText } from '../frame/time';
import type { IViewPlace } from '../frame/tokens';
import { useOlo } from '../frame/widget';
import { tableNode } from '../lineage/model';
import type { TableActions } from './actions';
import type { IFacts, ITableDetail } from './answers';
import { ColumnsTab } from './columns-tab';
import { HistoryTab } from './history-tab';
import { TableModel } from './table';

/** A table: its columns, rows, history, partitions, files and properties. */
export function TableView({ place, actions }: { place: IViewPlace; actions: TableActions }): React.JSX.Element {
  const olo = useOlo();
  const { trans } = olo;
  const table = React.useMemo(() => new TableModel(olo.api, olo.events, place.id), [place.id]);
  React.useEffect(() => () => table.dispose(), [table]);
  useModel({ changed: place.argsChanged });
  const tab = (id: string, label: string, render: ITab['render']): ITab => ({ id, label, render });
  return (
    <Loaded resource={table.detail}>
      {detail => {
        const stored = detail.kind === 'table';
        return (
          <>
            <Head table={table} detail={detail} actions={actions} />
            <Tabs
              label={trans.__('Parts of %1', detail.sql_name)}
              chosen={place.args['tab'] ?? 'columns'}
              choose={id => place.setArgs({ tab: id })}
              tabs={[
                tab('columns', trans.__('Columns'), () => <ColumnsTab table={table} detail={detail} />),
                tab('rows', trans.__('Rows'), () => <RowsTab table={table} place={place} />),
                ...(stored
                  ? [
                      tab('history', trans.__('History'), () => (
                        <HistoryTab table={table} detail={detail} actions={actions} place={place} />
                      )),
                      tab('partitions', trans.__('Partitions'), () => (
                        <Listed resource={table.partitions} label={trans.__('Partitions')} />
                      )),
                      tab('files', trans.__('Files'), () => (
                        <Listed resource={table.files} label={trans.__('Files')} />
                      )),
                      tab('details', trans.__('Details'), () => (
                        <Loaded resource={table.facts}>{facts => <Details facts={facts} />}</Loaded>
                      ))
                    ]
                  : [])
              ]}
            />
          </>
        );
      }}
    </Loaded>
  );
}

function Head(props: { table: TableModel; detail: ITableDetail; actions: TableActions }): React.JSX.Element {
  const { table, detail, actions } = props;
  const olo = useOlo();
  const { trans } = olo;
  const Icon = icons['table']!;
  return (
    <header className="olo-Head">
      <Icon.react tag="span" elementSize="large" />
      <div className="olo-Head-text">
        <h2>
          {detail.name}
          <span className="olo-Head-place">{`${detail.catalog} › ${detail.namespace}`}</span>
          {detail.kind === 'view' && <span className="olo-Chip">{trans.__('view')}</span>}
        </h2>
        {detail.comment && <p>{detail.comment}</p>}
        {detail.kind === 'table' && <Figures table={table} detail={detail} />}
      </div>
      <div className="olo-Head-actions">
        <button className="jp-mod-styled jp-mod-accept" onClick={() => actions.query(detail.sql_name)}>
          <addBelowIcon.react tag="span" elementSize="normal" />
          {trans.__('Query')}
        </button>
        <button
          className="jp-mod-styled"
          onClick={() => olo.open('lineage', tableNode(detail.catalog, detail.namespace, detail.name))}
        >
          {trans.__('Lineage')}
        </button>
        <button
          className="olo-IconButton"
          title={trans.__('Copy %1', detail.sql_name)}
          aria-label={trans.__('Copy %1', detail.sql_name)}
          onClick={() => olo.copy(detail.sql_name)}
        >
          <copyIcon.react tag="span" elementSize="normal" />
        </button>
      </div>
    </header>
  );
}

function Figures({ table, detail }: { table: TableModel; detail: ITableDetail }): React.JSX.Element {
  const { trans } = useOlo();
  useWatched(table.facts);
  const { value, error } = table.facts;
  if (!value && error instanceof ApiError && error.forbidden) {
    // Who may read a governed table need not see how it is made; its Details say why.
    return (
      <div className="olo-Figures">
        <span title={error.message}>{trans.__('Its size and place are hidden from you')}</span>
      </div>
    );
  }
  return (
    <Loaded resource={table.facts}>
      {facts => (
        <div className="olo-Figures">
          <span>{trans._n('%2 row', '%2 rows', facts.rows ?? 0, countText(facts.rows))}</span>
          <span>{sizeText(facts.size)}</span>
          <span>{trans._n('%2 file', '%2 files', facts.files ?? 0, countText(facts.files))}</span>
          <span>{trans._n('%1 snapshot', '%1 snapshots', detail.snapshot_count)}</span>
          {facts.updated && (
            <span title={momentText(facts.updated)}>
              {trans.__('changed %1', agoText(facts.updated, serverTime(), trans))}
            </span>
          )}
          {Object.entries(facts.links).map(([title, url]) => (
            <a key={title} href={url} target="_blank" rel="noopener noreferrer">
              {title}
              <launchIcon.react tag="span" elementSize="small" />
            </a>
          ))}
        </div>
      )}
    </Loaded>
  );
}

/** The first rows, at the snapshot that the view was opened at. */
function RowsTab({ table, place }: { table: TableModel; place: IViewPlace }): React.JSX.Element {
  const { trans } = useOlo();
  const snapshot = place.args['snapshot'] ?? '';
  const [reveal, setReveal] = React.useState(false);
  const rows = React.useMemo(() => new Resource(() => table.rows(snapshot, reveal)), [table, snapshot, reveal]);
  React.useEffect(() => table.follow(rows), [table, rows]);
  return (
    <Loaded resource={rows}>
      {data => {
        const masked = data.columns.filter(column => column.masked).length;
        return (
          <div className="olo-Fill">
            <div className="olo-Note">
              {snapshot ? (
                <>
                  {trans.__('At snapshot %1.', snapshot)}{' '}
                  <button className="olo-Link" onClick={() => place.setArgs({ snapshot: '' })}>
                    {trans.__('Show the present')}
                  </button>
                </>
              ) : (
                trans.__('The first %1 rows, as the table is now.', data.rows.length)
              )}
              {masked > 0 && (
                <>
                  {' '}
                  {trans._n('%1 column is tagged and hidden.', '%1 columns are tagged and hidden.', masked)}{' '}
                  <button className="olo-Link" onClick={() => setReveal(true)}>
                    {trans.__('Show them (this is written down)')}
                  </button>
                </>
              )}
            </div>
            {data.rows.length === 0 ? (
              <Empty icon={icons['table']!} title={trans.__('No rows')} />
            ) : (
              <RowsTable data={data} label={trans.__('Rows of %1', table.name)} />
            )}
          </div>
        );
      }}
    </Loaded>
  );
}

function Listed({ resource, label }: { resource: TableModel['files']; label: string }): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <Loaded resource={resource}>
      {data =>
        data.rows.length === 0 ? (
          <Empty icon={icons['table']!} title={trans.__('None yet')}>
            {trans.__('The table was never written to.')}
          </Empty>
        ) : (
          <div className="olo-Fill">
            {data.truncated && <div className="olo-Note">{trans.__('The %1 largest.', data.rows.length)}</div>}
            <RowsTable data={data} label={label} />
          </div>
        )
      }
    </Loaded>
  );
}

function Details({ facts }: { facts: IFacts }): React.JSX.Element {
  const { trans } = useOlo();
  const lines: [string, string][] = [
    [trans.__('Location'), facts.location],
    [trans.__('Partitioned by'), facts.partitioning.join(', ') || trans.__('nothing')],
    [trans.__('Sorted by'), facts.sorted_by.join(', ') || trans.__('nothing')],
    [trans.__('Retention'), facts.retention],
    [trans.__('Compaction'), facts.compaction],
    [trans.__('Format'), trans.__('Iceberg, version %1', facts.format_version)]
  ];
  return (
    <div className="olo-Details">
      <dl>
        {lines.map(([name, value]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </React.Fragment>
        ))}
      </dl>
      <h3>{trans.__('Properties')}</h3>
      {Object.keys(facts.properties).length === 0 ? (
        <p>{trans.__('None are set.')}</p>
      ) : (
        <dl className="olo-mod-code">
          {Object.entries(facts.properties).map(([name, value]) => (
            <React.Fragment key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </React.Fragment>
          ))}
        </dl>
      )}
    </div>
  );
}
