import * as React from 'react';

import { Filter } from '../frame/filter';
import { useSettled } from '../frame/hooks';
import { PagedList } from '../frame/paged-list';
import { Empty } from '../frame/states';
import { useOlo } from '../frame/widget';
import type { RunState } from './answers';
import { StateSelect, TargetSelect } from './controls';
import type { JobsModel } from './model';
import { RunRow, useRuns } from './run-row';

/** The newest runs of all jobs. */
export function RunsSection({ model }: { model: JobsModel }): React.JSX.Element {
  const olo = useOlo();
  const { trans } = olo;
  const [target, setTarget] = React.useState('');
  const [state, setState] = React.useState<RunState | ''>('');
  const [typed, setTyped] = React.useState('');
  const list = useRuns(model, { target, state, text: useSettled(typed) });
  return (
    <div className="olo-Jobs">
      <div className="olo-Controls">
        <TargetSelect model={model} value={target} change={setTarget} />
        <StateSelect label={trans.__('State')} value={state} change={setState} />
      </div>
      <Filter value={typed} change={setTyped} label={trans.__('Filter runs: job, id, person')} />
      <PagedList
        list={list}
        label={trans.__('Runs')}
        itemKey={run => run.id}
        empty={
          typed || state ? (
            <Empty
              action={{
                label: trans.__('Clear the filter'),
                run: () => {
                  setTyped('');
                  setState('');
                }
              }}
            >
              {trans.__('No run fits the filter.')}
            </Empty>
          ) : (
            <Empty title={trans.__('Nothing ran yet')}>{trans.__('Run a job with its ▶, or `olo run JOB`.')}</Empty>
          )
        }
      >
        {run => <RunRow run={run} showJob open={({ id, job }) => olo.open('job', job, { target, run: id })} />}
      </PagedList>
    </div>
  );
}
