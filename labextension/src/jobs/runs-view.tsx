import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useNow } from '../frame/hooks';
import { stateIcons } from '../frame/icons';
import { Empty, Loaded } from '../frame/states';
import { agoText, durationText, secondsBetween } from '../frame/time';
import { useOlo } from '../frame/widget';
import type { IRun, ITaskRun, RunState } from './answers';
import type { RunsModel } from './runs';

/** The newest runs: state, job, when, seconds; a run opens to its tasks. */
export function RunsView({ model }: { model: RunsModel }): React.JSX.Element {
  const { trans } = useOlo();
  const now = useNow(model.running);
  return (
    <Loaded resource={model}>
      {runs =>
        runs.length === 0 ? (
          <Empty title={trans.__('Nothing ran yet')}>{trans.__('Run a job with `olo run JOB`.')}</Empty>
        ) : (
          <ul className="olo-List" aria-label={trans.__('Runs')}>
            {runs.map(run => (
              <Run key={run.id} run={run} now={now} />
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function Run({ run, now }: { run: IRun; now: number }): React.JSX.Element {
  const { trans } = useOlo();
  const [open, setOpen] = React.useState(false);
  const Caret = open ? caretDownIcon : caretRightIcon;
  const about = [
    run.target,
    run.ref,
    run.started && new Date(run.started).toLocaleString(),
    run.message,
    trans.__('run %1', run.id)
  ].filter(Boolean);
  return (
    <li className="olo-List-item">
      <button className="olo-List-head" aria-expanded={open} title={about.join('\n')} onClick={() => setOpen(!open)}>
        <Caret.react tag="span" elementSize="normal" className="olo-List-caret" />
        <StateIcon state={run.state} />
        <span className="olo-List-name">{run.job}</span>
        <span className="olo-List-when">{run.started && agoText(run.started, now, trans)}</span>
        <Duration of={run} now={now} />
      </button>
      {open && (
        <div className="olo-List-about">
          {[run.target, run.ref, run.started && new Date(run.started).toLocaleString()].filter(Boolean).join(' · ')}
        </div>
      )}
      {open && run.message && <div className="olo-List-message">{run.message}</div>}
      {open && (
        <ul className="olo-List-tasks" aria-label={trans.__('Tasks of %1', run.job)}>
          {run.tasks.map(task => (
            <li key={task.name} title={task.message}>
              <div className="olo-List-task">
                <StateIcon state={task.state} />
                <span className="olo-List-name">{task.name}</span>
                <span className="olo-List-when">
                  {task.rows !== null && trans._n('%2 row', '%2 rows', task.rows, task.rows.toLocaleString())}
                </span>
                <Duration of={task} now={now} />
              </div>
              {task.state === 'failed' && task.message && <div className="olo-List-message">{task.message}</div>}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function Duration({ of, now }: { of: IRun | ITaskRun; now: number }): React.JSX.Element {
  const seconds = secondsBetween(of.started, of.ended, now);
  return <span className="olo-List-duration">{seconds !== null && durationText(seconds)}</span>;
}

function StateIcon({ state }: { state: RunState }): React.JSX.Element {
  const { trans } = useOlo();
  const texts: Record<RunState, string> = {
    queued: trans.__('queued'),
    running: trans.__('running'),
    success: trans.__('success'),
    failed: trans.__('failed'),
    cancelled: trans.__('cancelled'),
    skipped: trans.__('skipped')
  };
  const Icon = stateIcons[state] ?? stateIcons['queued']!;
  return (
    <span
      className={`olo-State olo-mod-${state}`}
      role="img"
      aria-label={texts[state] ?? state}
      title={texts[state] ?? state}
    >
      <Icon.react tag="span" elementSize="normal" />
    </span>
  );
}
