import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import * as React from 'react';

import { route } from '../frame/api';
import { useWatched } from '../frame/hooks';
import type { Resource } from '../frame/resource';
import { Failed, Loading } from '../frame/states';
import { Tabs } from '../frame/tabs';
import { useOlo } from '../frame/widget';
import type { ILineageSearch } from '../lineage/answers';
import { ENDED, IJob, IRun, ITask, ITaskRun } from './answers';
import { GanttView } from './gantt-view';
import { LogView } from './log/log-view';
import type { JobsModel } from './model';
import { RunDetails } from './run-details';
import { Ago, Duration, StateIcon, stateText } from './state';
import { TaskGraph } from './task-graph';

interface IProps {
  model: JobsModel;
  id: string;
  target: string;
  /** The job, for what its tasks wait for. */
  job: Resource<IJob>;
  /** What is shown of it, kept over a reload. */
  args: Readonly<Record<string, string>>;
  setArgs: (args: Record<string, string>) => void;
}

const TABS = ['graph', 'gantt', 'details'];

/** One run: its tasks as a graph or by time, the log of one of them, what it was given and what can be done with it. */
export function RunPanel(props: IProps): React.JSX.Element {
  const { model, id, target, job, args, setArgs } = props;
  const { trans } = useOlo();
  const resource = React.useMemo(() => model.run(id, target), [model, id, target]);
  useWatched(resource);
  useWatched(job);
  React.useEffect(() => {
    const lost = model.follow(resource);
    const deaf = model.onRun(run => {
      if (run.id === id) {
        resource.update(() => run);
      }
    });
    return () => {
      lost();
      deaf();
    };
  }, [resource]);
  const run = resource.value;
  if (run === null) {
    return resource.error ? <Failed error={resource.error} retry={() => void resource.load()} /> : <Loading />;
  }
  const tab = TABS.includes(args['tab'] ?? '') ? args['tab']! : 'graph';
  const tasks = ordered(run.tasks, job.value?.tasks ?? []);
  const shown = { ...run, tasks };
  const task = tasks.find(({ name }) => name === args['task']) ?? interesting(tasks);
  const select = (name: string): void => setArgs({ task: name });
  return (
    <section className="olo-RunPanel" aria-label={trans.__('Run %1', run.id)}>
      <RunHead run={run} target={target} />
      <div className="olo-RunPanel-top">
        <Tabs
          label={trans.__('Views of the run')}
          chosen={tab}
          choose={to => setArgs({ tab: to })}
          tabs={[
            {
              id: 'graph',
              label: trans.__('Graph'),
              // Drawn once, as it stays: by what the tasks wait for, unless the job can't be read.
              render: () =>
                job.value || job.error ? (
                  <TaskGraph tasks={job.value?.tasks ?? []} runs={tasks} selected={task?.name ?? ''} select={select} />
                ) : (
                  <Loading />
                )
            },
            {
              id: 'gantt',
              label: trans.__('Gantt'),
              render: () => <GanttView run={shown} selected={task?.name ?? ''} select={select} />
            },
            { id: 'details', label: trans.__('Details'), render: () => <RunDetails run={shown} /> }
          ]}
        />
      </div>
      {task && (
        <div className="olo-RunPanel-log">
          <TaskHead task={task} job={run.job} tasks={tasks} select={select} />
          <LogView key={`${run.id} ${task.name} ${task.attempts}`} run={run} task={task} target={target} />
        </div>
      )}
    </section>
  );
}

/** The tasks of a run in the job's own order. */
function ordered(runs: readonly ITaskRun[], tasks: readonly ITask[]): ITaskRun[] {
  const place = new Map(tasks.map(({ name }, index) => [name, index]));
  return [...runs].sort((a, b) => (place.get(a.name) ?? Infinity) - (place.get(b.name) ?? Infinity) || 0);
}

/** The task that somebody looks for: the one that failed, or runs, or was the last to run. */
function interesting(tasks: readonly ITaskRun[]): ITaskRun | undefined {
  for (const state of ['failed', 'running', 'cancelled'] as const) {
    const found = tasks.find(task => task.state === state);
    if (found) {
      return found;
    }
  }
  return [...tasks].reverse().find(({ started }) => started !== null) ?? tasks[0];
}

function TaskHead(props: {
  task: ITaskRun;
  job: string;
  tasks: readonly ITaskRun[];
  select: (name: string) => void;
}): React.JSX.Element {
  const { task, job, tasks, select } = props;
  const olo = useOlo();
  const { trans } = olo;
  const lineage = async (): Promise<void> => {
    const name = `${job}.${task.name}`;
    try {
      const { matches } = await olo.api.get<ILineageSearch>('lineage/search', { text: name });
      const found = matches.find(match => match.kind === 'job' && match.name === name);
      if (found) {
        olo.open('lineage', found.id);
      } else {
        Notification.info(trans.__('No run of %1 has told yet what it reads and writes.', name), { autoClose: 4000 });
      }
    } catch (error) {
      Notification.error((error as Error).message);
    }
  };
  return (
    <div className="olo-TaskHead">
      <StateIcon state={task.state} />
      <select
        className="olo-Select"
        aria-label={trans.__('Task')}
        value={task.name}
        onChange={event => select(event.target.value)}
      >
        {tasks.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <Duration of={task} />
      <button className="olo-Link" title={trans.__('What this task reads and writes')} onClick={() => void lineage()}>
        {trans.__('Lineage')}
      </button>
      {task.message && (
        <span className="olo-TaskHead-message" title={task.message}>
          {task.message.split('\n', 1)[0]}
        </span>
      )}
    </div>
  );
}

function RunHead({ run, target }: { run: IRun; target: string }): React.JSX.Element {
  const { api, trans } = useOlo();
  const [busy, setBusy] = React.useState(false);
  const act = async (path: string, failure: string): Promise<void> => {
    setBusy(true);
    try {
      await api.post<IRun>(path, { target });
    } catch (error) {
      Notification.error(`${failure} ${(error as Error).message}`);
    }
    setBusy(false);
  };
  const cancel = async (): Promise<void> => {
    const answer = await showDialog({
      title: trans.__('Cancel this run of %1?', run.job),
      body: trans.__('Its processes are ended. What its tasks have written stays.'),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Let it run') }),
        Dialog.warnButton({ label: trans.__('Cancel the run') })
      ]
    });
    if (answer.button.accept) {
      await act(route`runs/${run.id}/cancel`, trans.__('It could not be cancelled:'));
    }
  };
  const failed = run.state === 'failed' || run.state === 'cancelled';
  return (
    <header className="olo-RunHead">
      <StateIcon state={run.state} />
      <strong>{stateText(run.state, trans)}</strong>
      <span>
        <Ago at={run.started} />
      </span>
      <Duration of={run} />
      <span className="olo-Badge" title={trans.__('Target')}>
        {run.target}
      </span>
      {run.ref && (
        <span className="olo-Badge" title={trans.__('Git: %1', run.ref)}>
          {/^[0-9a-f]{40}$/.test(run.ref) ? run.ref.slice(0, 8) : run.ref}
        </span>
      )}
      {run.user && <span className="olo-RunHead-user">{trans.__('by %1', run.user)}</span>}
      {run.rerun_by && <span className="olo-RunHead-user">{trans.__('run again by %1', run.rerun_by)}</span>}
      {run.cancelled_by && <span className="olo-RunHead-user">{trans.__('cancelled by %1', run.cancelled_by)}</span>}
      <span className="olo-Spacer" />
      {!ENDED.has(run.state) && (
        <button className="jp-mod-styled olo-Button" disabled={busy} onClick={() => void cancel()}>
          {trans.__('Cancel…')}
        </button>
      )}
      {failed && (
        <button
          className="jp-mod-styled olo-Button"
          disabled={busy}
          title={trans.__('Run the failed tasks again, and those that wait for them')}
          onClick={() => void act(route`runs/${run.id}/rerun`, trans.__('It could not be run again:'))}
        >
          {trans.__('Rerun from failed')}
        </button>
      )}
      {run.message && (
        <p className="olo-RunHead-message" role="alert">
          {run.message}
        </p>
      )}
      {run.warnings.map(warning => (
        <p key={warning} className="olo-RunHead-warning">
          {warning}
        </p>
      ))}
    </header>
  );
}
