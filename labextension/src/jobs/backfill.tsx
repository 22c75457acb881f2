import { Notification } from '@jupyterlab/apputils';
import * as React from 'react';

import { route } from '../frame/api';
import type { IApi } from '../frame/api';
import type { TranslationBundle } from '@jupyterlab/translation';
import { momentText } from '../frame/time';
import type { IBackfillPlan } from './answers';
import type { JobsModel } from './model';
import { given, hasParameters } from './values';
import { askUntilTaken, Given, prepare, Refused, Where } from './trigger';

interface IValue {
  target: string;
  start: string;
  end: string;
  parameters: Record<string, unknown>;
}

/** Ask for the days, show which runs that makes, start them. */
export async function startBackfill(model: JobsModel, name: string, target: string): Promise<void> {
  const { olo } = model;
  const { trans } = olo;
  const ready = await prepare(model, name, target);
  if (!ready) {
    return;
  }
  await askUntilTaken<IValue>({
    title: trans.__('Backfill %1', name),
    accept: trans.__('Start the backfill'),
    value: { target: ready.target, start: day(-7), end: day(-1), parameters: {} },
    form: (now, change) => (
      <>
        <Where
          targets={ready.targets}
          fixed={target}
          value={now.target}
          change={to => change({ ...now, target: to })}
        />
        <label className="olo-Form-field">
          <span>{trans.__('First day')}</span>
          <input
            type="date"
            value={now.start}
            max={now.end}
            onChange={event => change({ ...now, start: event.target.value })}
          />
        </label>
        <label className="olo-Form-field">
          <span>{trans.__('Last day')}</span>
          <input
            type="date"
            value={now.end}
            min={now.start}
            onChange={event => change({ ...now, end: event.target.value })}
          />
        </label>
        {hasParameters(ready.job.parameters) && (
          <details>
            <summary>{trans.__('Parameters')}</summary>
            <Given job={ready.job} value={now.parameters} change={parameters => change({ ...now, parameters })} />
          </details>
        )}
        <Plan api={olo.api} trans={trans} job={name} value={now} />
      </>
    ),
    send: async value => {
      const plan = await olo.api.post<IBackfillPlan>(route`jobs/${name}/backfill`, {
        ...value,
        parameters: given(value.parameters)
      });
      const text = trans._n('%2 run of %3 to come.', '%2 runs of %3 to come.', plan.to_run, plan.to_run, name);
      Notification.success(text, { autoClose: 5000 });
      olo.open('job', name, { target });
    }
  });
}

const LISTED = 200;

/** The dry run: which runs there will be, and which are done already. */
function Plan(props: { api: IApi; trans: TranslationBundle; job: string; value: IValue }): React.JSX.Element {
  const { api, trans, job, value } = props;
  const { target, start, end } = value;
  const [plan, setPlan] = React.useState<IBackfillPlan | null>(null);
  const [error, setError] = React.useState<Error | null>(null);
  React.useEffect(() => {
    let stale = false;
    if (!start || !end) {
      return undefined;
    }
    const timer = window.setTimeout(() => {
      api.get<IBackfillPlan>(route`jobs/${job}/backfill`, { target, start, end }).then(
        found => !stale && (setPlan(found), setError(null)),
        reason => !stale && (setPlan(null), setError(reason))
      );
    }, 200);
    return () => {
      stale = true;
      window.clearTimeout(timer);
    };
  }, [target, start, end]);
  if (error) {
    return <Refused error={error} />;
  }
  if (!plan) {
    return <div role="status">{trans.__('Counting the runs…')}</div>;
  }
  const done = plan.moments.length - plan.to_run;
  return (
    <div className="olo-Plan">
      <div role="status">
        <strong>{trans._n('%2 run to make', '%2 runs to make', plan.to_run, plan.to_run.toLocaleString())}</strong>
        {done > 0 && trans._n(', %2 done already', ', %2 done already', done, done.toLocaleString())}
      </div>
      <ol aria-label={trans.__('Runs of the backfill')} tabIndex={0}>
        {plan.moments.slice(0, LISTED).map(({ at, run }) => (
          <li key={at} className={run ? 'olo-mod-done' : ''}>
            {momentText(at)}
            {run && <span className="olo-Badge">{trans.__('done')}</span>}
          </li>
        ))}
        {plan.moments.length > LISTED && <li>{trans.__('and %1 more', plan.moments.length - LISTED)}</li>}
      </ol>
    </div>
  );
}

/** A day of the calendar here, so many days from today, as the field writes it. */
function day(from: number): string {
  const date = new Date();
  date.setDate(date.getDate() + from);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
