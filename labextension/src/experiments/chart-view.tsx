import * as React from 'react';

import { useWatched } from '../frame/hooks';
import { Resource } from '../frame/resource';
import { Failed, Loading } from '../frame/states';
import { useOlo } from '../frame/widget';
import type { IExperimentRun, IMetricHistory } from './answers';
import { chart, HEIGHT, WIDTH } from './chart';
import { metricText } from './columns';

/** One metric of the chosen runs, by step. */
export function ChartView({ runs, metrics }: { runs: IExperimentRun[]; metrics: string[] }): React.JSX.Element {
  const { api, trans } = useOlo();
  const [wanted, setWanted] = React.useState('');
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
      {resource.value && (
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
