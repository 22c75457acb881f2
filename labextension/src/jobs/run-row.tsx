import * as React from 'react';

import { serverTime } from '../frame/clock';
import { useWatched } from '../frame/hooks';
import { Failed, Loading } from '../frame/states';
import { dayText } from '../frame/time';
import { useOlo } from '../frame/widget';
import type { IRunSummary } from './answers';
import { JobsModel, withRun } from './model';
import { Ago, Duration, StateIcon } from './state';

/** One run in a list: state, when, how long; where the job isn't plain from the place, its name. */
export function RunRow(props: {
  run: IRunSummary;
  showJob?: boolean;
  selected?: boolean;
  open: (run: IRunSummary) => void;
}): React.JSX.Element {
  const { run, showJob, selected, open } = props;
  const { trans } = useOlo();
  const about = [run.target, run.ref, run.user && trans.__('by %1', run.user), run.message, trans.__('run %1', run.id)];
  return (
    <button
      className={`olo-Run${selected ? ' olo-mod-selected' : ''}`}
      aria-current={selected ? 'true' : undefined}
      title={about.filter(Boolean).join('\n')}
      onClick={() => open(run)}
    >
      <StateIcon state={run.state} />
      {showJob && <span className="olo-Run-job">{run.job}</span>}
      <span className="olo-Run-when">
        <Ago at={run.started} />
      </span>
      {run.backfill && run.moment && <span className="olo-Badge">{dayText(run.moment, serverTime())}</span>}
      <span className="olo-Badge">{run.target}</span>
      <Duration of={run} />
    </button>
  );
}

const SHOWN = 5;

/** The newest runs of a job, and the way to all of them. */
export function RunsOf(props: { model: JobsModel; job: string; target: string }): React.JSX.Element {
  const { model, job, target } = props;
  const olo = useOlo();
  const { trans } = olo;
  const list = useRuns(model, { target, job }, SHOWN);
  useWatched(list);
  if (list.items === null) {
    return list.error ? <Failed error={list.error} retry={() => void list.load()} /> : <Loading />;
  }
  return (
    <ul className="olo-Runs" aria-label={trans.__('Runs of %1', job)}>
      {list.items.slice(0, SHOWN).map(run => (
        <li key={run.id}>
          <RunRow run={run} open={({ id }) => olo.open('job', job, { target, run: id })} />
        </li>
      ))}
      {list.items.length === 0 && <li className="olo-Runs-none">{trans.__('It has not run yet.')}</li>}
      {(list.hasMore || list.items.length > SHOWN) && (
        <li>
          <button className="olo-Link" onClick={() => olo.open('job', job, { target })}>
            {trans.__('All runs')}
          </button>
        </li>
      )}
    </ul>
  );
}

/** A list of runs that follows what happens. */
export function useRuns(
  model: JobsModel,
  filter: { target: string; job?: string; state?: IRunSummary['state'] | ''; text?: string },
  limit?: number
): ReturnType<JobsModel['runs']> {
  const key = JSON.stringify(filter);
  const list = React.useMemo(() => model.runs(JSON.parse(key), limit), [model, key, limit]);
  React.useEffect(() => {
    const lost = model.follow(list);
    const deaf = model.onRun(run => {
      if (model.concerns(run, filter.target)) {
        list.update(runs => withRun(runs, run, filter));
      }
    });
    return () => {
      lost();
      deaf();
    };
  }, [list]);
  return list;
}
