import * as React from 'react';

import { useWatched } from '../frame/hooks';
import { Resource } from '../frame/resource';
import { joinId } from '../frame/tokens';
import { useOlo } from '../frame/widget';
import { Ago, StateIcon } from '../jobs/state';
import type { RunState } from '../jobs/answers';
import type { ILineageNode, ILineageTests } from './answers';
import type { LineageModel, Side } from './model';

/** What is known of the chosen node, and where it leads. */
export function NodePanel(props: {
  node: ILineageNode;
  model: LineageModel;
  column: string;
  trace: (column: string) => void;
}): React.JSX.Element {
  const { node, model, column, trace } = props;
  const olo = useOlo();
  const { trans } = olo;
  const job = node.kind === 'job' ? node.name.split('.', 1)[0]! : '';
  return (
    <aside className="olo-NodePanel" aria-label={trans.__('About %1', node.name)}>
      <h3>{node.name}</h3>
      <p className="olo-NodePanel-space">{node.namespace}</p>
      {node.description && <p>{node.description}</p>}
      {node.owners.length > 0 && <p>{trans.__('Owner: %1', node.owners.join(', '))}</p>}
      <div className="olo-NodePanel-actions">
        {node.table && (
          <button
            className="jp-mod-styled olo-Button"
            onClick={() => olo.open('table', joinId(node.table!.catalog, node.table!.namespace, node.table!.name))}
          >
            {trans.__('Open the table')}
          </button>
        )}
        {job && (
          <button className="jp-mod-styled olo-Button" onClick={() => olo.open('job', job)}>
            {trans.__('Open the job')}
          </button>
        )}
        {node.id !== model.root && (
          <button className="jp-mod-styled olo-Button" onClick={() => olo.open('lineage', node.id)}>
            {trans.__('Begin here')}
          </button>
        )}
        {(['upstream', 'downstream'] as Side[]).map(side => {
          const hidden = model.hidden(node, side);
          return (
            hidden > 0 && (
              <button key={side} className="jp-mod-styled olo-Button" onClick={() => void model.expand(node.id, side)}>
                {side === 'upstream' ? trans.__('Upstream (%1)', hidden) : trans.__('Downstream (%1)', hidden)}
              </button>
            )
          );
        })}
      </div>
      {node.run && (
        <p className="olo-NodePanel-run">
          {node.run.state !== 'unknown' && <StateIcon state={node.run.state as RunState} />}{' '}
          {node.kind === 'dataset' ? trans.__('Last written') : trans.__('Last run')}{' '}
          <Ago at={node.updated ?? node.run.started} />
          {node.rows !== null && ` · ${trans._n('%2 row', '%2 rows', node.rows, node.rows.toLocaleString())}`}
          {node.run.message && <span className="olo-NodePanel-message">{node.run.message}</span>}
        </p>
      )}
      {node.version && (
        <p>
          {trans.__('Snapshot')} <code>{node.version}</code>
        </p>
      )}
      {node.tests && <Tests node={node.id} />}
      {node.columns.length > 0 && (
        <>
          <h4>{trans.__('Columns')}</h4>
          <ul className="olo-NodePanel-columns">
            {node.columns.map(({ name, type }) => (
              <li key={name}>
                <button
                  className={`olo-Column${name === column ? ' olo-mod-selected' : ''}`}
                  aria-pressed={name === column}
                  title={trans.__('Show what it is made of, and what is made of it')}
                  onClick={() => trace(name === column ? '' : name)}
                >
                  <span>{name}</span>
                  <span className="olo-Column-type">{type}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      {column && model.columns && <Trace node={node.id} model={model} />}
    </aside>
  );
}

function Tests({ node }: { node: string }): React.JSX.Element | null {
  const { api, trans } = useOlo();
  const tests = React.useMemo(
    () => new Resource(async () => (await api.get<ILineageTests>('lineage/tests', { node })).tests),
    [api, node]
  );
  useWatched(tests);
  if (!tests.value?.length) {
    return null;
  }
  return (
    <>
      <h4>{trans.__('Tests')}</h4>
      <ul className="olo-NodePanel-tests">
        {tests.value.map(({ assertion, column, success, at }) => (
          <li key={`${assertion} ${column}`}>
            <StateIcon state={success ? 'success' : 'failed'} />
            <span>
              {assertion}
              {column && ` (${column})`}
            </span>
            <span className="olo-Column-type">
              <Ago at={at} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The way of a column, in words: what it is made of, what is made of it. */
function Trace({ node, model }: { node: string; model: LineageModel }): React.JSX.Element {
  const { trans } = useOlo();
  const { edges, column } = model.columns!;
  const name = (id: string): string => model.nodes?.get(id)?.name ?? id.split(':').slice(2).join(':');
  return (
    <>
      <h4>{trans.__('Way of %1', column)}</h4>
      {edges.length === 0 ? (
        <p>{trans.__('No run told what it is made of.')}</p>
      ) : (
        <ul className="olo-NodePanel-trace">
          {edges.map(({ source, target, kind, how, masking }) => (
            <li key={`${source.node} ${source.column} ${target.node} ${target.column} ${how}`}>
              <span>{source.node === node ? source.column : `${name(source.node)}.${source.column}`}</span>
              {' → '}
              <span>{target.node === node ? target.column : `${name(target.node)}.${target.column}`}</span>
              {(how || kind === 'INDIRECT') && (
                <span className="olo-Badge">{how ? how.toLowerCase() : trans.__('indirect')}</span>
              )}
              {masking && <span className="olo-Badge">{trans.__('masked')}</span>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
