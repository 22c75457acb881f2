import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

import { useModel, useWatched } from '../frame/hooks';
import { Resource } from '../frame/resource';
import { Empty, Loaded, Loading } from '../frame/states';
import type { IViewPlace } from '../frame/tokens';
import { useOlo } from '../frame/widget';
import type { IPromoteForm, IStandings } from './answers';
import { File, Files } from './files-view';
import type { PromotionModel } from './model';
import { Findings, Summary } from './outcome';
import { said } from './said';
import { PullRequest } from './standing-view';

const SchemaForm = React.lazy(() => import('../frame/schema-form'));

/** As olo_converters.names has it; keywords are told by the kernel. */
const NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** In the order in which people think of them; `from` is what the view was opened for. */
const OPTIONS = {
  'ui:order': ['kind', 'layer', 'materialized', 'unique_key', 'time_column', 'schedule', 'tests', 'owner', 'tags', '*'],
  from: { 'ui:widget': 'hidden' },
  description: { 'ui:widget': 'textarea' }
};

export interface IPromotionViewProps {
  place: IViewPlace;
  /** The promotion that the place names now: opened again, it may be another cell's. */
  modelFor(): PromotionModel;
  form: Resource<IPromoteForm>;
  standings: Resource<IStandings>;
  languages: IEditorLanguageRegistry;
  openNotebook(path: string): void;
  notebookOpened: ISignal<unknown, unknown>;
  /** Go to a cell of the notebook, and to a line in it. */
  reveal(path: string, cell: string, line: number | null): void;
}

type Props = IPromotionViewProps & { model: PromotionModel };

/** A promotion: what it would write, what it found, its proof, its pull request. */
export function PromotionView(props: IPromotionViewProps): React.JSX.Element {
  useModel({ changed: props.place.argsChanged });
  useWatched(props.standings); // a link names the promotion alone: which notebook it is of comes with them
  const model = props.modelFor();
  return <Opened key={`${model.notebook} ${model.from}`} {...props} model={model} />;
}

function Opened(props: Props): React.JSX.Element {
  const { model } = props;
  const { trans } = useOlo();
  useModel(model);
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
  }, [opened, model, model.begun]);
  if (!opened && !model.notebook) {
    return props.standings.value === null ? (
      <></>
    ) : (
      <Empty title={trans.__('No notebook is known for this promotion')}>
        {trans.__('Promotions are told by their branches and by what the notebooks of this project say.')}
      </Empty>
    );
  }
  if (!opened) {
    return (
      <Empty
        title={trans.__('The notebook is not open')}
        action={{ label: trans.__('Open %1', model.notebook), run: () => props.openNotebook(model.notebook) }}
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
              <Findings
                outcome={outcome}
                reveal={(cell, line) => props.reveal(model.notebook, cell, line)}
                openFile={setChosen}
              />
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
                    <SchemaForm
                      schema={form.options}
                      values={model.options ?? {}}
                      uiSchema={OPTIONS}
                      disabled={model.running !== null}
                      change={options => model.set({ options: said(options, model.options ?? {}) })}
                    />
                  )}
                </Loaded>
              ) : change ? (
                <File key={change.path} change={change} languages={props.languages} />
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

function Head({ model }: Props): React.JSX.Element {
  const { trans } = useOlo();
  const running = model.running !== null;
  const ready = NAME.test(model.name);
  const reason = React.useId();
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
          aria-describedby={ready ? undefined : reason}
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
      {!ready && (
        <span id={reason} className="olo-Promotion-reason" role="status">
          {model.name
            ? trans.__('A name has small letters, digits and _, begins with a letter, and is at most 63 long.')
            : trans.__('Name it: so the model, its job and its branch are called.')}
        </span>
      )}
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
        <div role="status">
          <ol className="olo-Steps" aria-label={trans.__('Progress')}>
            {model.waits && <li aria-current="step">{trans.__('The kernel runs another cell: this waits for it.')}</li>}
            {!model.waits && steps.length === 0 && <li aria-current="step">{trans.__('Planning…')}</li>}
            {steps.map((step, index) => (
              <li key={index} aria-current={index === steps.length - 1 ? 'step' : undefined}>
                {step}
              </li>
            ))}
          </ol>
        </div>
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
