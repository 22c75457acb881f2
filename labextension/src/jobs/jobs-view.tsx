import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Resource } from '../frame/resource';
import { Empty, Loaded } from '../frame/states';
import { useOlo } from '../frame/widget';
import type { IJob } from './answers';

interface IProps {
  model: Resource<IJob[]>;
  /** Show a job's spec. */
  open: (job: IJob) => void;
}

/** The project's jobs: name, schedule; a job opens to its tasks, a broken spec to what is wrong with it. */
export function JobsView({ model, open }: IProps): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <Loaded resource={model}>
      {jobs =>
        jobs.length === 0 ? (
          <Empty title={trans.__('No jobs yet')}>{trans.__('Promote a result with `%%olo promote NAME`.')}</Empty>
        ) : (
          <ul className="olo-List" aria-label={trans.__('Jobs')}>
            {jobs.map(job => (
              <Job key={job.file} job={job} open={open} />
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function Job({ job, open }: Omit<IProps, 'model'> & { job: IJob }): React.JSX.Element {
  const { trans } = useOlo();
  const [shown, setShown] = React.useState(false);
  const Caret = shown ? caretDownIcon : caretRightIcon;
  const broken = job.problems.length > 0;
  return (
    <li className="olo-List-item">
      <button
        className="olo-List-head"
        aria-expanded={shown}
        title={[job.description, job.owner && trans.__('owner: %1', job.owner), job.file].filter(Boolean).join('\n')}
        onClick={() => setShown(!shown)}
        onDoubleClick={() => open(job)}
      >
        <Caret.react tag="span" elementSize="normal" className="olo-List-caret" />
        <span className="olo-List-name">{job.name}</span>
        {broken ? (
          <span className="olo-List-broken">{trans._n('%1 problem', '%1 problems', job.problems.length)}</span>
        ) : (
          <span className="olo-List-when">{job.schedule || trans.__('by hand')}</span>
        )}
      </button>
      {shown && (
        <ul
          className="olo-List-tasks"
          aria-label={broken ? trans.__('Problems of %1', job.name) : trans.__('Tasks of %1', job.name)}
        >
          {job.problems.map(({ line, column, message }) => (
            <li
              key={`${line}:${column}:${message}`}
              className="olo-List-message"
            >{`${job.file}:${line}:${column}: ${message}`}</li>
          ))}
          {job.tasks.map(task => (
            <li key={task.name} className="olo-List-task">
              <span className="olo-List-name">{task.name}</span>
              {task.depends_on.length > 0 && (
                <span className="olo-List-when">{trans.__('after %1', task.depends_on.join(', '))}</span>
              )}
              <span className="olo-List-target">{task.kind}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
