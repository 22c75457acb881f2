import { fileIcon, folderIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { route } from '../frame/api';
import { useWatched } from '../frame/hooks';
import { pageUrl } from '../frame/links';
import { Resource } from '../frame/resource';
import { Failed, Loading } from '../frame/states';
import { momentText } from '../frame/time';
import { useOlo } from '../frame/widget';
import { bytesText } from '../jobs/log/log-view';
import type { IArtifactEntry, IExperimentRun, IRunLinks } from './answers';
import { metricText } from './columns';

/** One run: what it belongs to, its values, its artefacts. */
export function ExperimentRunPanel({ run, close }: { run: IExperimentRun; close: () => void }): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <aside className="olo-NodePanel olo-mod-wide" aria-label={trans.__('Run %1', run.name || run.id)}>
      <div className="olo-NodePanel-head">
        <h3>{run.name || run.id.slice(0, 8)}</h3>
        <button className="olo-Link" onClick={close}>
          {trans.__('Close')}
        </button>
      </div>
      <p className="olo-NodePanel-space">
        {run.state} · {run.user} · {run.started && momentText(run.started)}
      </p>
      <Links links={run.links} />
      {run.url && (
        <p>
          <a className="olo-Link" href={pageUrl(run.url)} target="_blank" rel="noreferrer">
            {trans.__('Open in MLflow')}
          </a>
        </p>
      )}
      <Values
        title={trans.__('Metrics')}
        values={Object.entries(run.metrics).map(([name, value]) => [name, metricText(value)])}
      />
      <Values title={trans.__('Parameters')} values={Object.entries(run.params)} />
      <Values title={trans.__('Tags')} values={Object.entries(run.tags)} />
      <h4>{trans.__('Artefacts')}</h4>
      <Folder run={run.id} path="" />
    </aside>
  );
}

/** What a run, or a version of a model, belongs to. */
export function Links({ links }: { links: IRunLinks }): React.JSX.Element {
  const olo = useOlo();
  const { trans } = olo;
  const { job, job_run, promotion, commit } = links;
  return (
    <p className="olo-NodePanel-actions">
      {job_run && (
        <button className="olo-Link" onClick={() => olo.open('job', job || job_run, { run: job_run })}>
          {trans.__('Run of job %1', job || job_run)}
        </button>
      )}
      {!job_run && job && (
        <button className="olo-Link" onClick={() => olo.open('job', job)}>
          {trans.__('Job %1', job)}
        </button>
      )}
      {promotion && (
        <button className="olo-Link" onClick={() => olo.open('promotion', promotion)}>
          {trans.__('Promotion %1', promotion)}
        </button>
      )}
      {commit && <span className="olo-Badge">{commit.slice(0, 8)}</span>}
    </p>
  );
}

function Values({ title, values }: { title: string; values: [string, string][] }): React.JSX.Element | null {
  return values.length === 0 ? null : (
    <>
      <h4>{title}</h4>
      <table className="olo-Facts">
        <tbody>
          {values.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Folder({ run, path }: { run: string; path: string }): React.JSX.Element {
  const { api, trans } = useOlo();
  const entries = React.useMemo(
    () =>
      new Resource(
        async () =>
          (await api.get<{ entries: IArtifactEntry[] }>(route`experiment-runs/${run}/artifacts`, { path })).entries
      ),
    [api, run, path]
  );
  useWatched(entries);
  if (entries.value === null) {
    return entries.error ? <Failed error={entries.error} retry={() => void entries.load()} /> : <Loading />;
  }
  if (entries.value.length === 0) {
    return <p>{trans.__('None.')}</p>;
  }
  return (
    <ul className="olo-Artifacts">
      {entries.value.map(entry => (
        <Entry key={entry.path} run={run} entry={entry} />
      ))}
    </ul>
  );
}

function Entry({ run, entry }: { run: string; entry: IArtifactEntry }): React.JSX.Element {
  const [open, setOpen] = React.useState(false);
  const name = entry.path.split('/').pop()!;
  const Icon = entry.directory ? folderIcon : fileIcon;
  return (
    <li>
      {entry.directory ? (
        <button className="olo-Column" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon.react tag="span" elementSize="normal" /> {name}
        </button>
      ) : (
        <span className="olo-Column">
          <Icon.react tag="span" elementSize="normal" /> {name}
          <span className="olo-Column-type">{entry.size !== null && bytesText(entry.size)}</span>
        </span>
      )}
      {open && <Folder run={run} path={entry.path} />}
    </li>
  );
}
