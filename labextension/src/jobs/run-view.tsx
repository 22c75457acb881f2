import * as React from 'react';

import { useWatched } from '../frame/hooks';
import { Failed, Loading } from '../frame/states';
import { shortMomentText } from '../frame/time';
import type { IViewPlace } from '../frame/tokens';
import { useOlo } from '../frame/widget';
import { useArgs } from './job-view';
import type { JobsModel } from './model';
import { RunPanel } from './run-panel';

/** One run, as a link names it; its job is known only when it was read. */
export function RunView({ model, place }: { model: JobsModel; place: IViewPlace }): React.JSX.Element {
  const { trans } = useOlo();
  const args = useArgs(place);
  const target = args['target'] ?? '';
  const run = React.useMemo(() => model.run(place.id, target), [model, place, target]);
  useWatched(run);
  React.useEffect(() => {
    if (run.value) {
      const { job, started } = run.value;
      place.setLabel(started ? trans.__('%1, %2', job, shortMomentText(started)) : job);
    }
  }, [run.value?.job, run.value?.started]);
  if (!run.value) {
    return run.error ? <Failed error={run.error} retry={() => void run.load()} /> : <Loading />;
  }
  return <RunOf model={model} place={place} job={run.value.job} target={target} args={args} />;
}

function RunOf(props: {
  model: JobsModel;
  place: IViewPlace;
  job: string;
  target: string;
  args: Readonly<Record<string, string>>;
}): React.JSX.Element {
  const { model, place, job, target, args } = props;
  const olo = useOlo();
  const resource = React.useMemo(() => model.job(job, target), [model, job, target]);
  return (
    <div className="olo-JobView">
      <header className="olo-JobHead">
        <div className="olo-JobHead-what">
          <h2>{job}</h2>
          <button className="olo-Link" onClick={() => olo.open('job', job, { target, run: place.id })}>
            {olo.trans.__('All runs of the job')}
          </button>
        </div>
      </header>
      <RunPanel
        model={model}
        id={place.id}
        target={target}
        job={resource}
        args={args}
        setArgs={more => place.setArgs(more)}
      />
    </div>
  );
}
