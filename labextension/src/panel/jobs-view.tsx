import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IJob } from '../api';
import { useModel } from './hooks';
import type { ListModel } from './list';
import { Failure, Notice } from './states';

interface IProps {
  model: ListModel<IJob>;
  trans: TranslationBundle;
  /** Show a job's spec. */
  open: (job: IJob) => void;
}

/** The project's jobs: name, schedule; a job opens to its tasks, a broken spec to what is wrong with it. */
export function JobsView({ model, trans, open }: IProps): React.JSX.Element {
  useModel(model);
  if (model.error) {
    return <Failure error={model.error} retry={() => void model.load()} trans={trans} />;
  }
  if (model.items === null) {
    return <Notice>{trans.__('Loading…')}</Notice>;
  }
  if (model.items.length === 0) {
    return <Notice>{trans.__('No jobs yet. Promote a result with `%%olo promote NAME`.')}</Notice>;
  }
  return (
    <ul className="olo-List" aria-label={trans.__('Jobs')}>
      {model.items.map(job => (
        <Job key={job.file} job={job} trans={trans} open={open} />
      ))}
    </ul>
  );
}

function Job({ job, trans, open }: Omit<IProps, 'model'> & { job: IJob }): React.JSX.Element {
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
