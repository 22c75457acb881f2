import * as React from 'react';

import { useWatched } from '../frame/hooks';
import { Resource } from '../frame/resource';
import { Failed, Loading } from '../frame/states';
import { useOlo } from '../frame/widget';
import type { IExperimentRun, IMetricHistory } from './answers';
import { bars, chart, HEIGHT, IBar, WIDTH } from './chart';
import { metricText } from './columns';

/** One metric of the chosen runs: by step, or a bar each where it was logged once. */
export function ChartView({ runs }: { runs: IExperimentRun[] }): React.JSX.Element {
  const { api, trans } = useOlo();
  const [wanted, setWanted] = React.useState('');
  // What none of them has logged can't be compared.
  const metrics = [...new Set(runs.flatMap(run => Object.keys(run.metrics)))].sort();
  const metric = metrics.includes(wanted) ? wanted : (metrics[0] ?? '');
  const ids = runs.map(({ id }) => id).join(',');
  const resource = React.useMemo(
    () =>
      new Resource(async () =>
        metric
          ? (await api.get<{ histories: IMetricHistory[] }>('experiment-metrics', { runs: ids, key: metric })).histories
          : []
      ),
    [api, ids, metric]
  );
  useWatched(resource);
  const names = new Map(runs.map(({ id, name }) => [id, name || id.slice(0, 8)]));
  const drawn = chart(resource.value ?? []);
  const once = bars(resource.value ?? []);
  return (
    <section className="olo-Chart" aria-label={trans.__('Compare runs')}>
      <label className="olo-Chart-metric">
        {trans.__('Metric')}
        <select className="olo-Select" value={metric} onChange={event => setWanted(event.target.value)}>
          {metrics.map(name => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {resource.error && <Failed error={resource.error} retry={() => void resource.load()} />}
      {resource.value === null && !resource.error && <Loading />}
      {metrics.length === 0 && <p>{trans.__('These runs have logged no metrics.')}</p>}
      {resource.value && once && <Bars bars={once} names={names} label={trans.__('%1 of the runs', metric)} />}
      {resource.value && !once && (
        <>
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            role="img"
            aria-label={trans.__('%1 by step, of %2 runs', metric, runs.length)}
          >
            {drawn.y.map(({ at, text }) => (
              <g key={text}>
                <line x1="56" x2={WIDTH - 12} y1={at} y2={at} className="olo-Chart-grid" />
                <text x="50" y={at + 4} textAnchor="end">
                  {text}
                </text>
              </g>
            ))}
            {drawn.x.map(({ at, text }) => (
              <text key={text} x={at} y={HEIGHT - 8} textAnchor="middle">
                {text}
              </text>
            ))}
            {drawn.lines.map(({ run, path }, index) => (
              <path key={run} d={path} className={`olo-Chart-line olo-mod-line${index % 8}`} />
            ))}
          </svg>
          <ul className="olo-Chart-legend">
            {drawn.lines.map(({ run, last }, index) => (
              <li key={run}>
                <span className={`olo-Chart-mark olo-mod-line${index % 8}`} aria-hidden="true" />
                {names.get(run)} {last !== null && <strong>{metricText(last)}</strong>}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Bars(props: { bars: IBar[]; names: Map<string, string>; label: string }): React.JSX.Element {
  return (
    <ul className="olo-Bars" aria-label={props.label}>
      {props.bars.map(({ run, value, from, size }, index) => (
        <li key={run}>
          <span className="olo-Bars-name">{props.names.get(run)}</span>
          <span className="olo-Bars-track" aria-hidden="true">
            <span
              className={`olo-Bars-bar olo-mod-line${index % 8}`}
              style={{ marginLeft: `${from * 100}%`, width: `${size * 100}%` }}
            />
          </span>
          <strong>{metricText(value)}</strong>
        </li>
      ))}
    </ul>
  );
}
