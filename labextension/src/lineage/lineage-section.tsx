import * as React from 'react';

import { Filter } from '../frame/filter';
import { useSettled, useWatched } from '../frame/hooks';
import { icons } from '../frame/icons';
import { Paged } from '../frame/paged';
import { PagedList } from '../frame/paged-list';
import { Resource } from '../frame/resource';
import { Empty } from '../frame/states';
import { useOlo } from '../frame/widget';
import { Ago, StateIcon } from '../jobs/state';
import type { RunState } from '../jobs/answers';
import type { ILineageMatch, ILineageSearch, INamespaces, LineageState } from './answers';
import { lineageIcon } from './icon';

const PAGE = 50;
const STATES: LineageState[] = ['success', 'failed', 'running', 'cancelled'];

/** Jobs and datasets by name; one of them opens its graph. */
export function LineageSection({ refreshed }: { refreshed: { list: Paged<ILineageMatch> | null } }): React.JSX.Element {
  const olo = useOlo();
  const { api, events, trans } = olo;
  const [typed, setTyped] = React.useState('');
  const [namespace, setNamespace] = React.useState('');
  const [state, setState] = React.useState('');
  const text = useSettled(typed);
  const namespaces = React.useMemo(
    () => new Resource(async () => (await api.get<INamespaces>('lineage/namespaces')).namespaces),
    [api]
  );
  useWatched(namespaces);
  const list = React.useMemo(
    () =>
      new Paged<ILineageMatch>(async after => {
        const offset = Number(after || 0);
        const query = { text, namespace, state, offset, limit: PAGE };
        const { matches, total } = await api.get<ILineageSearch>('lineage/search', query);
        const end = offset + matches.length;
        return { items: matches, total, next: matches.length && end < total ? String(end) : '' };
      }),
    [api, text, namespace, state]
  );
  refreshed.list = list;
  React.useEffect(() => {
    const followed = events.follow(list, ['urn:olo-jupyter:run-changed:v1'], ({ run }) => ended(run));
    return () => followed.dispose();
  }, [list]);
  return (
    <div className="olo-Jobs">
      <div className="olo-Controls">
        <select
          className="olo-Select"
          aria-label={trans.__('Namespace')}
          value={namespace}
          onChange={event => setNamespace(event.target.value)}
        >
          <option value="">{trans.__('All namespaces')}</option>
          {namespaces.value?.map(({ name, jobs, datasets }) => (
            <option key={name} value={name}>
              {`${name} (${jobs + datasets})`}
            </option>
          ))}
        </select>
        <select
          className="olo-Select"
          aria-label={trans.__('State')}
          value={state}
          onChange={event => setState(event.target.value)}
        >
          <option value="">{trans.__('Any state')}</option>
          {STATES.map(one => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </div>
      <Filter value={typed} change={setTyped} label={trans.__('Find a table or a job')} />
      <PagedList
        list={list}
        label={trans.__('Tables and jobs')}
        itemKey={match => match.id}
        empty={
          typed || namespace || state ? (
            <Empty>{trans.__('Nothing fits.')}</Empty>
          ) : (
            <Empty title={trans.__('No lineage yet')}>
              {trans.__('Runs tell what they read and write: run a job, and its tables stand here.')}
            </Empty>
          )
        }
      >
        {match => {
          const Icon = match.kind === 'dataset' ? icons['table']! : lineageIcon;
          return (
            <button
              className="olo-Run"
              title={`${match.namespace}\n${match.name}`}
              onClick={() => olo.open('lineage', match.id)}
            >
              <Icon.react tag="span" elementSize="normal" />
              <span className="olo-Run-job">{match.name}</span>
              {match.failing > 0 && (
                <span className="olo-Badge olo-mod-failed">
                  {trans._n('%1 test fails', '%1 tests fail', match.failing)}
                </span>
              )}
              <span className="olo-Run-when">
                <Ago at={match.updated} />
              </span>
              {match.state && match.state !== 'unknown' && <StateIcon state={match.state as RunState} />}
            </button>
          );
        }}
      </PagedList>
    </div>
  );
}

function ended(run: unknown): boolean {
  return (run as { ended?: string | null }).ended !== null;
}
