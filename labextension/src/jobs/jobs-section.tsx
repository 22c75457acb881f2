import { caretDownIcon, caretRightIcon, runIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CATALOG_CHANGED, JOBS_CHANGED } from '../frame/events';
import { Filter } from '../frame/filter';
import { useSettled } from '../frame/hooks';
import { failedIcon } from '../frame/icons';
import { PagedList } from '../frame/paged-list';
import { Empty } from '../frame/states';
import { useOlo } from '../frame/widget';
import { ENDED, IJobSummary, RUN_STATES } from './answers';
import { StateSelect, TargetSelect } from './controls';
import { misread, parseFilter, withKey } from './filter';
import { JobsModel, withLast } from './model';
import { RunsOf } from './run-row';
import { Ago, StateIcon, Until } from './state';
import { triggerRun } from './trigger';

/** The jobs: state of the last run, schedule, success rate; a job opens to its newest runs. */
export function JobsSection({ model }: { model: JobsModel }): React.JSX.Element {
  const { trans } = useOlo();
  const [target, setTarget] = React.useState('');
  const [typed, setTyped] = React.useState('');
  const [opened, setOpened] = React.useState<ReadonlySet<string>>(new Set());
  const filter = parseFilter(useSettled(typed));
  const wanted = JSON.stringify({ ...filter, state: RUN_STATES.find(state => state === filter.state) ?? '' });
  const list = React.useMemo(() => model.jobs(target, JSON.parse(wanted)), [model, target, wanted]);
  React.useEffect(() => {
    const followed = model.follow(list, [JOBS_CHANGED, CATALOG_CHANGED]);
    const deaf = model.onRun(run => {
      if (model.concerns(run, target)) {
        list.update(jobs => jobs.map(job => withLast(job, run)));
        if (ENDED.has(run.state) && filter.state) {
          list.invalidate(); // it may belong to the list no longer
        }
      }
    });
    return () => {
      followed();
      deaf();
    };
  }, [list]);
  const toggle = (name: string): void => {
    const next = new Set(opened);
    if (!next.delete(name)) {
      next.add(name);
    }
    setOpened(next);
  };
  const narrow = (key: 'owner' | 'tag', value: string): void => setTyped(withKey(typed, key, value));
  return (
    <div className="olo-Jobs">
      <div className="olo-Controls">
        <TargetSelect model={model} value={target} change={setTarget} />
        <StateSelect
          label={trans.__('State of the last run')}
          value={RUN_STATES.find(state => state === parseFilter(typed).state) ?? ''}
          change={state => setTyped(withKey(typed, 'state', state))}
        />
      </div>
      <Filter value={typed} change={setTyped} label={trans.__('Filter jobs: text, owner:…, tag:…')} />
      <PagedList
        list={list}
        label={trans.__('Jobs')}
        itemKey={job => job.name}
        rowHeight={44}
        empty={
          typed ? (
            <Empty action={{ label: trans.__('Clear the filter'), run: () => setTyped('') }}>
              {trans.__('No job fits the filter.')}
              {misread(filter).map(word => (
                <div key={word}>
                  {trans.__('“%1” was looked for as text: there are owner:, tag: and state:.', word)}
                </div>
              ))}
            </Empty>
          ) : (
            <Empty title={trans.__('No jobs yet')}>{trans.__('Promote a result with `%%%%olo promote NAME`.')}</Empty>
          )
        }
      >
        {job => (
          <JobRow
            job={job}
            target={target}
            model={model}
            open={opened.has(job.name)}
            toggle={() => toggle(job.name)}
            narrow={narrow}
          />
        )}
      </PagedList>
    </div>
  );
}

function JobRow(props: {
  job: IJobSummary;
  target: string;
  model: JobsModel;
  open: boolean;
  toggle: () => void;
  narrow: (key: 'owner' | 'tag', value: string) => void;
}): React.JSX.Element {
  const { job, target, model, open, toggle, narrow } = props;
  const olo = useOlo();
  const { trans } = olo;
  const Caret = open ? caretDownIcon : caretRightIcon;
  const about = [job.description, job.owner && trans.__('owner: %1', job.owner)].filter(Boolean).join('\n');
  return (
    <div className={`olo-Job${open ? ' olo-mod-open' : ''}`}>
      <div className="olo-Job-head">
        <button
          className="olo-IconButton"
          aria-expanded={open}
          aria-label={trans.__('Runs of %1', job.name)}
          onClick={toggle}
        >
          <Caret.react tag="span" elementSize="normal" />
        </button>
        {job.problem ? (
          <span className="olo-State olo-mod-cancelled" role="img" aria-label={trans.__('has problems')}>
            <failedIcon.react tag="span" elementSize="normal" />
          </span>
        ) : job.last ? (
          <StateIcon state={job.last.state} />
        ) : (
          <span className="olo-State" />
        )}
        <button className="olo-Job-name" title={about} onClick={() => olo.open('job', job.name, { target })}>
          {job.name}
        </button>
        <button
          className="olo-IconButton olo-Job-run"
          aria-label={trans.__('Run %1…', job.name)}
          title={trans.__('Run…')}
          disabled={job.problem !== ''}
          onClick={() => void triggerRun(model, job.name, target)}
        >
          <runIcon.react tag="span" elementSize="normal" />
        </button>
      </div>
      <div className="olo-Job-about">
        {job.problem ? (
          <span className="olo-Job-problem" title={job.problem}>
            {job.problem}
          </span>
        ) : (
          <>
            <span className="olo-Job-schedule" title={job.schedule}>
              {job.paused ? trans.__('%1 (paused)', job.schedule) : job.schedule || trans.__('by hand')}
            </span>
            {job.last?.started && <Ago at={job.last.started} />}
            {job.next_run && !job.paused && (
              <span>
                {trans.__('next')} <Until at={job.next_run} />
              </span>
            )}
            {job.ended > 0 && <Rate succeeded={job.succeeded} ended={job.ended} />}
          </>
        )}
      </div>
      {open && (
        <div className="olo-Job-more">
          {(job.owner || job.tags.length > 0) && (
            <div className="olo-Tags">
              {job.owner && (
                <button
                  className="olo-Tag"
                  title={trans.__('Jobs of this owner')}
                  onClick={() => narrow('owner', job.owner)}
                >
                  @{job.owner}
                </button>
              )}
              {job.tags.map(tag => (
                <button
                  key={tag}
                  className="olo-Tag"
                  title={trans.__('Jobs with this tag')}
                  onClick={() => narrow('tag', tag)}
                >
                  #{tag}
                </button>
              ))}
            </div>
          )}
          <RunsOf model={model} job={job.name} target={target} />
        </div>
      )}
    </div>
  );
}

/** How many of the newest runs succeeded, as a number and a bar. */
function Rate({ succeeded, ended }: { succeeded: number; ended: number }): React.JSX.Element {
  const { trans } = useOlo();
  const percent = Math.round((100 * succeeded) / ended);
  const text = trans.__('%1 of the last %2 runs succeeded', succeeded, ended);
  return (
    <span className="olo-Rate" role="img" aria-label={text} title={text}>
      <span className="olo-Rate-bar">
        <span style={{ width: `${percent}%` }} />
      </span>
      {percent} %
    </span>
  );
}
