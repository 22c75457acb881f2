import { Dialog, Notification, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import * as React from 'react';

import { ApiError, route } from '../frame/api';
import type { IOlo } from '../frame/tokens';
import type { IJob, IRun, ITargetList } from './answers';
import { FormBody } from './form';
import type { JobsModel } from './model';
import { given, hasParameters } from './values';

const SchemaForm = React.lazy(() => import('../frame/schema-form'));

interface IValue {
  target: string;
  parameters: Record<string, unknown>;
}

/** Ask for a job's parameters and start a run; what the server refuses is said in the form, which keeps its values. */
export async function triggerRun(model: JobsModel, name: string, target: string): Promise<void> {
  const { olo } = model;
  const { trans } = olo;
  const ready = await prepare(model, name, target);
  if (!ready) {
    return;
  }
  await askUntilTaken<IValue>({
    title: trans.__('Run %1', name),
    accept: trans.__('Run'),
    value: { target: ready.target, parameters: {} },
    form: (now, change) => (
      <>
        <Where
          targets={ready.targets}
          fixed={target}
          value={now.target}
          change={to => change({ ...now, target: to })}
        />
        <Given job={ready.job} value={now.parameters} change={parameters => change({ ...now, parameters })} />
      </>
    ),
    send: async value => {
      const parameters = given(value.parameters);
      started(olo, await olo.api.post<IRun>(route`jobs/${name}/runs`, { ...value, parameters }), target);
    }
  });
}

/** Show a form until the server takes what it holds, or it is cancelled: a refusal is said in it, its values stay. */
export async function askUntilTaken<T extends object>(asked: {
  title: string;
  /** The label of the button that sends. */
  accept: string;
  value: T;
  form: (now: T, change: (value: T) => void) => React.ReactNode;
  send: (value: T) => Promise<void>;
}): Promise<void> {
  let { value } = asked;
  let refused: Error | null = null;
  for (;;) {
    const error = refused;
    const body = new FormBody(value, (now, change) => (
      <>
        {error && <Refused error={error} />}
        {asked.form(now, change)}
      </>
    ));
    const answer = await showDialog<T>({
      title: asked.title,
      body,
      buttons: [Dialog.cancelButton(), Dialog.okButton({ label: asked.accept })]
    });
    if (!answer.button.accept || !answer.value) {
      return;
    }
    value = answer.value;
    try {
      await asked.send(value);
      return;
    } catch (reason) {
      refused = reason instanceof Error ? reason : new Error(String(reason));
    }
  }
}

export interface IReady {
  job: IJob;
  targets: ITargetList;
  /** Where it runs if nothing else is chosen. */
  target: string;
}

/** What a form about a job needs; null after saying why it can't be had. */
export async function prepare(model: JobsModel, name: string, target: string): Promise<IReady | null> {
  const { api, trans } = model.olo;
  try {
    const [job, targets] = await Promise.all([
      api.get<IJob>(route`jobs/${name}`, { target }),
      api.get<ITargetList>('targets')
    ]);
    if (job.problems.length) {
      const { line, column, message } = job.problems[0]!;
      throw new Error(`${job.file}:${line}:${column}: ${message}`);
    }
    return { job, targets, target: target || targets.default };
  } catch (error) {
    await showErrorMessage(trans.__('%1 can’t run', name), error as Error);
    return null;
  }
}

/** In which target; one that was chosen before stays. */
export function Where(props: {
  targets: ITargetList;
  fixed: string;
  value: string;
  change: (target: string) => void;
}): React.JSX.Element {
  const { targets, fixed, value, change } = props;
  const choice = targets.targets.filter(({ orchestrator }) => orchestrator === 'local');
  return (
    <label className="olo-Form-field">
      <span>target</span>
      {fixed ? (
        <output>{fixed}</output>
      ) : (
        <select className="olo-Select" value={value} onChange={event => change(event.target.value)}>
          {choice.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
    </label>
  );
}

/** The form of the job's parameters, nothing where it has none. */
export function Given(props: {
  job: IJob;
  value: Record<string, unknown>;
  change: (value: Record<string, unknown>) => void;
}): React.JSX.Element | null {
  if (!hasParameters(props.job.parameters)) {
    return null;
  }
  return (
    <React.Suspense fallback={<div role="status">…</div>}>
      <SchemaForm schema={props.job.parameters} values={props.value} change={props.change} />
    </React.Suspense>
  );
}

/** Why the server said no. */
export function Refused({ error }: { error: Error }): React.JSX.Element {
  return (
    <div className="olo-Form-refused" role="alert">
      {error.message} {error instanceof ApiError && error.hint}
    </div>
  );
}

function started(olo: IOlo, run: IRun, target: string): void {
  const { trans } = olo;
  Notification.success(trans.__('%1 runs in %2.', run.job, run.target), {
    autoClose: 5000,
    actions: [{ label: trans.__('Show'), callback: () => olo.open('job', run.job, { target, run: run.id }) }]
  });
  olo.open('job', run.job, { target, run: run.id });
}
