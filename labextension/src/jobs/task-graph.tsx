import * as React from 'react';

import { Loading } from '../frame/states';
import { useOlo } from '../frame/widget';
import { IGraphBox, LazyGraph } from '../graph';
import type { ITask, ITaskRun } from './answers';
import { Duration, StateIcon, stateText } from './state';

/** The tasks of a job with what they wait for; of a run, with their states. */
export function TaskGraph(props: {
  tasks: readonly ITask[];
  runs?: readonly ITaskRun[];
  selected: string;
  select: (task: string) => void;
}): React.JSX.Element {
  const { tasks, runs, selected, select } = props;
  const { trans } = useOlo();
  const known = new Map(runs?.map(run => [run.name, run]));
  // A run of an earlier version of the job may have had other tasks.
  const all = [
    ...tasks,
    ...(runs ?? []).flatMap(({ name, kind }) =>
      tasks.some(task => task.name === name) ? [] : [{ name, kind, depends_on: [] }]
    )
  ];
  const boxes = all.map(({ name, kind }): IGraphBox => {
    const run = known.get(name);
    return {
      id: name,
      width: 190,
      height: 48,
      label: [name, run?.kind || kind, run && stateText(run.state, trans)].filter(Boolean).join(', '),
      state: run?.state ?? '',
      content: (
        <>
          <div className="olo-Box-head">
            {run && <StateIcon state={run.state} />}
            <span className="olo-Box-name" title={name}>
              {name}
            </span>
          </div>
          <div className="olo-Box-about">
            <span>{run?.kind || kind}</span>
            {run && run.attempts > 1 && <span>{trans.__('%1 attempts', run.attempts)}</span>}
            {run && run.rows !== null && (
              <span>{trans._n('%2 row', '%2 rows', run.rows, run.rows.toLocaleString())}</span>
            )}
            {run && <Duration of={run} />}
          </div>
        </>
      )
    };
  });
  const links = tasks.flatMap(({ name, depends_on }) => depends_on.map(source => ({ source, target: name })));
  return (
    <React.Suspense fallback={<Loading />}>
      <LazyGraph boxes={boxes} links={links} selected={selected} select={select} label={trans.__('Tasks')} />
    </React.Suspense>
  );
}
