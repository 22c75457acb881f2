import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { PageConfig } from '@jupyterlab/coreutils';
import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

import { useModel, useWatched } from '../frame/hooks';
import { Resource } from '../frame/resource';
import { Empty, Loaded, Loading } from '../frame/states';
import { useOlo } from '../frame/widget';
import type { IChange, IFinding, IOutcome, IPromoteForm, IStandings } from './answers';
import { hunksOf } from './conflict';
import { editorLink } from './editor';
import { fileRows, stateOf } from './files';
import type { PromotionModel } from './model';
import { PullRequest } from './standing-view';

const Diff = React.lazy(() => import('./diff'));
const Options = React.lazy(() => import('./options'));

export interface IPromotionViewProps {
  model: PromotionModel;
  form: Resource<IPromoteForm>;
  standings: Resource<IStandings>;
  languages: IEditorLanguageRegistry;
  openNotebook(): void;
  notebookOpened: ISignal<unknown, unknown>;
  /** Go to a cell of the notebook, and to a line in it. */
  reveal(cell: string, line: number | null): void;
}

/** A promotion: what it would write, what it found, its proof, its pull request. */
export function PromotionView(props: IPromotionViewProps): React.JSX.Element {
  const { model } = props;
  const { trans } = useOlo();
  useModel(model);
  useWatched(props.standings);
  useWatched(props.form);
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    props.notebookOpened.connect(redraw);
    return () => void props.notebookOpened.disconnect(redraw);
  }, [props.notebookOpened]);
  const [tab, setTab] = React.useState<'files' | 'options'>('files');
  const [chosen, setChosen] = React.useState('');
  const opened = model.panel !== undefined;
  React.useEffect(() => {
    if (opened && model.name && !model.outcome) {
      void model.panel?.sessionContext.ready.then(() => model.run('plan'));
    }
  }, [opened, model]);
  if (!opened) {
    return (
      <Empty
        title={trans.__('The notebook is not open')}
        action={{ label: trans.__('Open %1', model.notebook), run: props.openNotebook }}
      >
        {trans.__('A promotion is made in the kernel of its notebook: only that knows what ran and what came out.')}
      </Empty>
    );
  }
  const { outcome } = model;
  const change = outcome?.changes.find(({ path }) => path === chosen) ?? outcome?.changes[0];
  return (
    <div className="olo-Promotion">
      <Head {...props} />
      <div className="olo-Promotion-body">
        <div className="olo-Promotion-side">
          <Progress model={model} />
          {outcome && (
            <>
              <Summary outcome={outcome} />
              <Findings outcome={outcome} reveal={props.reveal} openFile={setChosen} />
              <Files
                changes={outcome.changes}
                chosen={change?.path ?? ''}
                choose={path => {
                  setChosen(path);
                  setTab('files');
                }}
              />
            </>
          )}
          <PullRequest standing={props.standings.value?.promotions.find(({ name }) => name === model.name) ?? null} />
        </div>
        <div className="olo-Promotion-main">
          <div role="tablist" className="olo-Tabs" aria-label={trans.__('Promotion')}>
            <Tab label={trans.__('Files')} selected={tab === 'files'} select={() => setTab('files')} />
            <Tab label={trans.__('Options')} selected={tab === 'options'} select={() => setTab('options')} />
          </div>
          <div role="tabpanel" className="olo-Promotion-panel" aria-label={tab}>
            <React.Suspense fallback={<Loading />}>
              {tab === 'options' ? (
                <Loaded resource={props.form}>
                  {form => (
                    <Options
                      schema={form.options}
                      values={model.options ?? {}}
                      disabled={model.running !== null}
                      onChange={options => model.set({ options })}
                    />
                  )}
                </Loaded>
              ) : change ? (
                <File key={change.path} change={change} {...props} />
              ) : (
                !model.running && <Empty title={trans.__('No files yet')}>{trans.__('Plan it to see them.')}</Empty>
              )}
            </React.Suspense>
          </div>
        </div>
      </div>
    </div>
  );
}

function Tab(props: { label: string; selected: boolean; select: () => void }): React.JSX.Element {
  return (
    <button role="tab" aria-selected={props.selected} onClick={props.select}>
      {props.label}
    </button>
  );
}

function Head({ model }: IPromotionViewProps): React.JSX.Element {
  const { trans } = useOlo();
  const running = model.running !== null;
  const ready = /^[A-Za-z_]\w*$/.test(model.name);
  return (
    <div className="olo-Promotion-head">
      <label>
        {trans.__('Name')}
        <input
          className="jp-mod-styled"
          value={model.name}
          disabled={running}
          placeholder={trans.__('e.g. daily_delays')}
          aria-invalid={!ready}
          onChange={event => model.set({ name: event.target.value })}
          onKeyDown={event => event.key === 'Enter' && ready && void model.run('plan')}
        />
      </label>
      <button className="jp-mod-styled olo-Button" disabled={running || !ready} onClick={() => void model.run('plan')}>
        {trans.__('Plan')}
      </button>
      <button
        className="jp-mod-styled jp-mod-accept olo-Button"
        disabled={running || !ready}
        onClick={() => void model.run('promote')}
      >
        {model.verify ? trans.__('Verify and publish') : trans.__('Publish unverified')}
      </button>
      <label>
        <input
          type="checkbox"
          checked={model.openPullRequest}
          disabled={running}
          onChange={event => model.set({ openPullRequest: event.target.checked })}
        />
        {trans.__('open the pull request')}
      </label>
      <label title={trans.__('Run the artefact in a clean process and compare its rows with the notebook’s')}>
        <input
          type="checkbox"
          checked={model.verify}
          disabled={running}
          onChange={event => model.set({ verify: event.target.checked })}
        />
        {trans.__('verify')}
      </label>
      {running && (
        <button className="jp-mod-styled jp-mod-warn olo-Button" onClick={() => void model.cancel()}>
          {trans.__('Cancel')}
        </button>
      )}
    </div>
  );
}

function Progress({ model }: { model: PromotionModel }): React.JSX.Element {
  const { trans } = useOlo();
  const { running, steps, error } = model;
  return (
    <>
      {running && (
        <ol className="olo-Steps" role="status" aria-label={trans.__('Progress')}>
          {model.waits && <li aria-current="step">{trans.__('The kernel runs another cell: this waits for it.')}</li>}
          {!model.waits && steps.length === 0 && <li aria-current="step">{trans.__('Planning…')}</li>}
          {steps.map((step, index) => (
            <li key={index} aria-current={index === steps.length - 1 ? 'step' : undefined}>
              {step}
            </li>
          ))}
        </ol>
      )}
      {error && (
        <div className="olo-Promotion-error" role="alert">
          <b>{error.message}</b>
          {error.details && <pre>{error.details}</pre>}
        </div>
      )}
    </>
  );
}

function Summary({ outcome }: { outcome: IOutcome }): React.JSX.Element {
  const { trans } = useOlo();
  const words: Record<IOutcome['status'], string> = {
    planned: trans.__('Planned: nothing is written yet'),
    refused: trans.__('Not promoted'),
    verified: trans.__('Verified: it gives what the notebook gave'),
    different: trans.__('It does not give what the notebook gave'),
    unverified: trans.__('Unverified')
  };
  const { evidence, status } = outcome;
  const tests = evidence.tests;
  return (
    <div className={`olo-Promotion-summary olo-mod-${status}`} role="status">
      <div className="olo-Promotion-status">{words[status]}</div>
      <div>{trans.__('%1 as %2', outcome.relation, outcome.kind)}</div>
      {evidence.label && status !== 'verified' && <div>{evidence.label}</div>}
      {typeof evidence.rows === 'number' && (
        <div>{trans._n('1 row compared, on %2', '%1 rows compared, on %2', evidence.rows, evidence.engine ?? '')}</div>
      )}
      {tests && tests.passed.length + tests.failed.length > 0 && (
        <div>{trans.__('Tests: %1 passed, %2 failed', tests.passed.length, tests.failed.length)}</div>
      )}
      {outcome.branch && (
        <div>
          {outcome.pushed ? trans.__('On branch ') : trans.__('Committed, not pushed: ')}
          <code>{outcome.branch}</code>
        </div>
      )}
    </div>
  );
}

function Findings(props: {
  outcome: IOutcome;
  reveal: IPromotionViewProps['reveal'];
  openFile: (path: string) => void;
}): React.JSX.Element {
  const { trans } = useOlo();
  const { findings, changes } = props.outcome;
  const order = { error: 0, warning: 1, info: 2 };
  const sorted = [...findings].sort((a, b) => order[a.severity] - order[b.severity]);
  const fileOf = (finding: IFinding): string =>
    changes.find(({ path }) => finding.message.startsWith(`${path},`) || finding.message.startsWith(`${path} `))
      ?.path ?? '';
  return (
    <section aria-label={trans.__('Findings')}>
      <h3>{trans.__('Findings (%1)', findings.length)}</h3>
      {findings.length === 0 && <div className="olo-Promotion-none">{trans.__('None.')}</div>}
      <ul className="olo-Findings">
        {sorted.map((finding, index) => (
          <li key={index} className={`olo-mod-${finding.severity}`}>
            <div>
              <b>{finding.severity}</b> {finding.message}
            </div>
            {finding.hint && <div className="olo-Findings-hint">{finding.hint}</div>}
            {finding.cell && (
              <button className="olo-Link" onClick={() => props.reveal(finding.cell!, finding.line)}>
                {finding.line ? trans.__('Go to the cell, line %1', finding.line) : trans.__('Go to the cell')}
              </button>
            )}
            {fileOf(finding) && (
              <button className="olo-Link" onClick={() => props.openFile(fileOf(finding))}>
                {trans.__('Show the file')}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Files(props: {
  changes: readonly IChange[];
  chosen: string;
  choose: (path: string) => void;
}): React.JSX.Element | null {
  const { trans } = useOlo();
  const words = {
    added: trans.__('new'),
    changed: trans.__('changed'),
    removed: trans.__('removed'),
    same: trans.__('as it is'),
    conflict: trans.__('conflict')
  };
  if (!props.changes.length) {
    return null;
  }
  return (
    <section aria-label={trans.__('Files')}>
      <h3>{trans.__('Files (%1)', props.changes.length)}</h3>
      <ul className="olo-Files">
        {fileRows(props.changes).map(({ depth, name, change }) => {
          const style = { paddingLeft: 8 + depth * 14 };
          if (!change) {
            return (
              <li key={`${depth}${name}/`} className="olo-Files-folder" style={style}>
                {name}
              </li>
            );
          }
          const state = stateOf(change);
          return (
            <li key={change.path}>
              <button
                style={style}
                title={change.path}
                aria-current={change.path === props.chosen}
                onClick={() => props.choose(change.path)}
              >
                <span className="olo-Files-name">{name}</span>
                <span className={`olo-Files-state olo-mod-${state}`}>{words[state]}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function File(props: IPromotionViewProps & { change: IChange }): React.JSX.Element {
  const { change, languages, form, model } = props;
  const { trans } = useOlo();
  const folder = model.outcome?.folder ?? '';
  const here = form.value?.code_server ?? false;
  const titles = React.useMemo(
    () => ({ before: trans.__('In the repository'), after: trans.__('After the promotion') }),
    [trans]
  );
  return (
    <>
      <div className="olo-Promotion-file">
        <code>{change.path}</code>
        {folder && change.after !== null && (
          <a
            href={editorLink(here ? PageConfig.getBaseUrl() : '', folder, change.path)}
            target="_blank"
            rel="noopener noreferrer"
            className="olo-Link"
          >
            {here ? trans.__('Open in code-server') : trans.__('Open in VS Code')}
          </a>
        )}
      </div>
      {change.conflict ? <Conflict change={change} /> : <Diff change={change} languages={languages} titles={titles} />}
    </>
  );
}

function Conflict({ change }: { change: IChange }): React.JSX.Element {
  const { trans } = useOlo();
  const hunks = hunksOf(change.after ?? '');
  return (
    <div className="olo-Conflict">
      <p>
        {trans.__(
          'The repository and the notebook both changed these places. Bring one to the other: edit the cell, or the file on its branch, then plan again. Everything else is merged.'
        )}
      </p>
      {hunks.map((hunk, index) => (
        <section key={index} aria-label={trans.__('Conflict %1 of %2', index + 1, hunks.length)}>
          <h4>{trans.__('Conflict %1 of %2, line %3', index + 1, hunks.length, hunk.line)}</h4>
          <div className="olo-Conflict-sides">
            <div>
              <div>{trans.__('In the repository')}</div>
              <pre tabIndex={0}>{hunk.repository || trans.__('(nothing)')}</pre>
            </div>
            <div>
              <div>{trans.__('From the notebook now')}</div>
              <pre tabIndex={0}>{hunk.generated || trans.__('(nothing)')}</pre>
            </div>
          </div>
        </section>
      ))}
    </div>
  );
}
