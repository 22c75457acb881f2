import { Notification } from '@jupyterlab/apputils';
import * as React from 'react';

import { route } from '../frame/api';
import { CATALOG_CHANGED, JOBS_CHANGED } from '../frame/events';
import { Filter } from '../frame/filter';
import { useSettled, useWatched } from '../frame/hooks';
import { PagedList } from '../frame/paged-list';
import { Empty, Failed, Loading } from '../frame/states';
import type { IViewPlace } from '../frame/tokens';
import { useOlo } from '../frame/widget';
import type { IJob, RunState } from './answers';
import { startBackfill } from './backfill';
import { StateSelect } from './controls';
import type { JobsModel } from './model';
import { RunPanel } from './run-panel';
import { RunRow, useRuns } from './run-row';
import { Until } from './state';
import { TaskGraph } from './task-graph';
import { triggerRun } from './trigger';

interface IProps {
  model: JobsModel;
  place: IViewPlace;
  /** Open a file of the project. */
  openFile: (path: string) => void;
}

/** One job: its runs on the left, the chosen run beside them. */
export function JobView({ model, place, openFile }: IProps): React.JSX.Element {
  const { trans } = useOlo();
  const args = useArgs(place);
  const name = place.id;
  const target = args['target'] ?? '';
  const job = React.useMemo(() => model.job(name, target), [model, name, target]);
  useWatched(job);
  React.useEffect(() => model.follow(job, [JOBS_CHANGED, CATALOG_CHANGED]), [job]);
  const [state, setState] = React.useState<RunState | ''>('');
  const [typed, setTyped] = React.useState('');
  const list = useRuns(model, { target, job: name, state, text: useSettled(typed) });
  useWatched(list);
  const chosen = args['run'] ?? list.items?.[0]?.id;
  const setArgs = React.useCallback((more: Record<string, string>) => place.setArgs(more), [place]);
  return (
    <div className="olo-JobView">
      <JobHead
        model={model}
        job={job.value}
        name={name}
        target={target}
        openFile={openFile}
        reload={() => job.load()}
      />
      {job.error && <Failed error={job.error} retry={() => void job.load()} />}
      {job.value?.problems.map(({ line, column, message, hint }) => (
        <p key={`${line}:${column}:${message}`} className="olo-JobView-problem" role="alert">
          <strong>{`${job.value!.file}:${line}:${column}`}</strong> {message}
          {hint && ` (${hint})`}
        </p>
      ))}
      <div className="olo-JobView-body">
        <nav className="olo-JobView-runs" aria-label={trans.__('Runs of %1', name)}>
          <div className="olo-Controls">
            <StateSelect label={trans.__('State')} value={state} change={setState} />
          </div>
          <Filter value={typed} change={setTyped} label={trans.__('Filter runs: id, person')} />
          <PagedList
            list={list}
            label={trans.__('Runs')}
            itemKey={run => run.id}
            empty={<Empty>{typed || state ? trans.__('No run fits.') : trans.__('It has not run yet.')}</Empty>}
          >
            {run => (
              <RunRow
                run={run}
                selected={run.id === chosen}
                open={({ id }) => setArgs({ run: id, task: '', tab: args['tab'] ?? '' })}
              />
            )}
          </PagedList>
        </nav>
        <div className="olo-JobView-run">
          {chosen ? (
            <RunPanel key={chosen} model={model} id={chosen} target={target} job={job} args={args} setArgs={setArgs} />
          ) : list.items === null && !list.error ? (
            <Loading />
          ) : (
            // Of a broken file no task is known: nothing is better than an empty graph.
            !!job.value?.tasks.length && <TaskGraph tasks={job.value.tasks} selected="" select={() => undefined} />
          )}
        </div>
      </div>
    </div>
  );
}

/** The arguments of a view, as they change. */
export function useArgs(place: IViewPlace): Readonly<Record<string, string>> {
  return React.useSyncExternalStore(
    React.useCallback(
      redraw => {
        place.argsChanged.connect(redraw);
        return () => void place.argsChanged.disconnect(redraw);
      },
      [place]
    ),
    () => place.args
  );
}

function JobHead(props: {
  model: JobsModel;
  job: IJob | null;
  name: string;
  target: string;
  openFile: (path: string) => void;
  reload: () => Promise<void>;
}): React.JSX.Element {
  const { model, job, name, target, openFile, reload } = props;
  const olo = useOlo();
  const { trans } = olo;
  const pause = async (paused: boolean): Promise<void> => {
    try {
      await olo.api.post(route`jobs/${name}/pause`, { target, paused });
      await reload();
    } catch (error) {
      Notification.error((error as Error).message);
    }
  };
  const broken = !job || job.problems.length > 0;
  return (
    <header className="olo-JobHead">
      <div className="olo-JobHead-what">
        <h2 title={name}>{name}</h2>
        {target && <span className="olo-Badge">{target}</span>}
        {job?.owner && <span className="olo-Badge">@{job.owner}</span>}
        {job?.tags.map(tag => (
          <span key={tag} className="olo-Badge">
            #{tag}
          </span>
        ))}
        <span className="olo-JobHead-schedule">
          {job?.schedule || (job && trans.__('by hand'))}
          {job?.next_run && !job.paused && (
            <>
              {' · '}
              {trans.__('next')} <Until at={job.next_run} />
            </>
          )}
        </span>
        {job && job.paused !== null && (
          <label className="olo-JobHead-paused">
            <input type="checkbox" checked={!job.paused} onChange={event => void pause(!event.target.checked)} />
            {trans.__('Schedule on')}
          </label>
        )}
        <span className="olo-Spacer" />
        <button
          className="jp-mod-styled jp-mod-accept olo-Button"
          disabled={broken}
          onClick={() => void triggerRun(model, name, target)}
        >
          {trans.__('Run…')}
        </button>
        <button
          className="jp-mod-styled olo-Button"
          disabled={broken}
          onClick={() => void startBackfill(model, name, target)}
        >
          {trans.__('Backfill…')}
        </button>
        {job?.path && (
          <button className="jp-mod-styled olo-Button" onClick={() => openFile(job.path)}>
            {trans.__('Open the file')}
          </button>
        )}
      </div>
      {job?.description && <p className="olo-JobHead-text">{job.description}</p>}
    </header>
  );
}
