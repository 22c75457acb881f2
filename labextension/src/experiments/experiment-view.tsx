import * as React from 'react';

import { route } from '../frame/api';
import { useWatched } from '../frame/hooks';
import { pageUrl } from '../frame/links';
import { Paged } from '../frame/paged';
import { Resource } from '../frame/resource';
import { Empty, Failed, Loading } from '../frame/states';
import type { IViewPlace } from '../frame/tokens';
import { useOlo } from '../frame/widget';
import { useArgs } from '../jobs/job-view';
import { Ago } from '../jobs/state';
import type { IExperiment, IExperimentRun, IExperimentRunList } from './answers';
import { ChartView } from './chart-view';
import { cell, columns, IColumn, ISort, nextSort, orderText } from './columns';
import { ExperimentRunPanel } from './run-panel';

/** Columns that are shown before somebody chose. */
const FIRST = 6;

/** An experiment: its runs as a table to choose columns of, sort and filter; chosen runs are compared as lines. */
export function ExperimentView({ place }: { place: IViewPlace }): React.JSX.Element {
  const { api, trans } = useOlo();
  const args = useArgs(place);
  const experiment = React.useMemo(
    () => new Resource(() => api.get<IExperiment>(route`experiments/${place.id}`)),
    [api, place]
  );
  useWatched(experiment);
  React.useEffect(() => {
    if (experiment.value) {
      place.setLabel(experiment.value.name);
    }
  }, [experiment.value?.name]);
  const sort = args['sort'] ? ({ column: args['sort'], ascending: args['way'] === 'up' } as ISort) : null;
  const filter = args['filter'] ?? '';
  const order = orderText(sort);
  const names = React.useRef({ metrics: new Set<string>(), params: new Set<string>() });
  const list = React.useMemo(
    () =>
      new Paged<IExperimentRun>(async page => {
        const query = { filter, order, page, limit: 100 };
        const found = await api.get<IExperimentRunList>(route`experiments/${place.id}/runs`, query);
        found.metric_names.forEach(name => names.current.metrics.add(name));
        found.param_names.forEach(name => names.current.params.add(name));
        return { items: found.runs, next: found.next, total: null };
      }),
    [api, place, filter, order]
  );
  useWatched(list);
  const [typed, setTyped] = React.useState(filter);
  const [chosen, setChosen] = React.useState<ReadonlySet<string>>(new Set());
  const all = columns(names.current.metrics, names.current.params);
  const picked = args['columns'] ? args['columns'].split('\n') : all.slice(0, FIRST).map(({ id }) => id);
  const shown = all.filter(({ id }) => picked.includes(id));
  const runs = list.items ?? [];
  const compared = runs.filter(({ id }) => chosen.has(id));
  const run = runs.find(({ id }) => id === args['run']);
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) {
      next.add(id);
    }
    setChosen(next);
  };
  return (
    <div className="olo-Lineage">
      <div className="olo-Lineage-bar" role="toolbar" aria-label={trans.__('Runs')}>
        <strong>{experiment.value?.name}</strong>
        <form
          className="olo-Experiment-filter"
          onSubmit={event => {
            event.preventDefault();
            place.setArgs({ filter: typed });
          }}
        >
          <input
            className="olo-Input"
            aria-label={trans.__('Filter, in MLflow’s words')}
            placeholder="metrics.rmse < 1 and params.depth = '4'"
            spellCheck={false}
            value={typed}
            onChange={event => setTyped(event.target.value)}
          />
          <button className="jp-mod-styled olo-Button" type="submit">
            {trans.__('Filter')}
          </button>
        </form>
        <ColumnPicker all={all} picked={picked} pick={ids => place.setArgs({ columns: ids.join('\n') })} />
        <span className="olo-Spacer" />
        {experiment.value?.url && (
          <a className="olo-Link" href={pageUrl(experiment.value.url)} target="_blank" rel="noreferrer">
            {trans.__('Open in MLflow')}
          </a>
        )}
      </div>
      {(list.error ?? experiment.error) && (
        <Failed
          error={(list.error ?? experiment.error)!}
          retry={() => [list, experiment].forEach(one => one.error && void one.load())}
        />
      )}
      <div className="olo-Lineage-body">
        <div className="olo-Experiment-runs">
          {compared.length > 0 && <ChartView runs={compared} />}
          {list.items === null ? (
            !list.error && <Loading />
          ) : runs.length === 0 ? (
            <Empty>{filter ? trans.__('No run fits the filter.') : trans.__('It has no runs yet.')}</Empty>
          ) : (
            <div className="olo-Lineage-table" tabIndex={0} role="region" aria-label={trans.__('Runs')}>
              <table className="olo-Table olo-Experiment-table">
                <thead>
                  <tr>
                    <th scope="col">
                      <span className="olo-Hidden">{trans.__('Compare')}</span>
                    </th>
                    <th scope="col">{trans.__('Run')}</th>
                    <th scope="col">{trans.__('State')}</th>
                    <Head
                      id="start_time"
                      text={trans.__('Started')}
                      sort={sort}
                      click={next => place.setArgs(sortArgs(next))}
                    />
                    {shown.map(({ id, name }) => (
                      <Head key={id} id={id} text={name} sort={sort} click={next => place.setArgs(sortArgs(next))} />
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {runs.map(one => (
                    <tr key={one.id} aria-current={one.id === run?.id ? 'true' : undefined}>
                      <td>
                        <input
                          type="checkbox"
                          aria-label={trans.__('Compare %1', one.name || one.id)}
                          checked={chosen.has(one.id)}
                          onChange={() => toggle(one.id)}
                        />
                      </td>
                      <th scope="row">
                        <button className="olo-Link" onClick={() => place.setArgs({ run: one.id })}>
                          {one.name || one.id.slice(0, 8)}
                        </button>
                      </th>
                      <td>{one.state}</td>
                      <td>
                        <Ago at={one.started} />
                      </td>
                      {shown.map(column => (
                        <td key={column.id} className={column.kind === 'metric' ? 'olo-mod-number' : ''}>
                          {cell(one, column)}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
              {list.hasMore && (
                <button className="jp-mod-styled olo-Button" onClick={() => void list.more()}>
                  {trans.__('More runs')}
                </button>
              )}
            </div>
          )}
        </div>
        {run && <ExperimentRunPanel run={run} close={() => place.setArgs({ run: '' })} />}
      </div>
    </div>
  );
}

function sortArgs(sort: ISort | null): Record<string, string> {
  return { sort: sort?.column ?? '', way: sort?.ascending ? 'up' : '' };
}

function Head(props: {
  id: string;
  text: string;
  sort: ISort | null;
  click: (sort: ISort | null) => void;
}): React.JSX.Element {
  const { id, text, sort, click } = props;
  const way = sort?.column === id ? (sort.ascending ? 'ascending' : 'descending') : 'none';
  return (
    <th scope="col" aria-sort={way}>
      <button className="olo-Experiment-head" onClick={() => click(nextSort(sort, id))}>
        {text}
        {way !== 'none' && <span aria-hidden="true">{way === 'ascending' ? ' ▲' : ' ▼'}</span>}
      </button>
    </th>
  );
}

function ColumnPicker(props: {
  all: IColumn[];
  picked: string[];
  pick: (ids: string[]) => void;
}): React.JSX.Element | null {
  const { all, picked, pick } = props;
  const { trans } = useOlo();
  if (all.length === 0) {
    return null;
  }
  return (
    <details className="olo-Picker">
      <summary>{trans.__('Columns (%1)', picked.length)}</summary>
      <fieldset>
        <legend>{trans.__('Columns')}</legend>
        {all.map(({ id, name, kind }) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={picked.includes(id)}
              onChange={event => pick(event.target.checked ? [...picked, id] : picked.filter(one => one !== id))}
            />
            {name} <span className="olo-Column-type">{kind}</span>
          </label>
        ))}
      </fieldset>
    </details>
  );
}
