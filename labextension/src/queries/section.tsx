import { addBelowIcon, caretDownIcon, caretRightIcon, copyIcon, editIcon, LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Filter } from '../frame/filter';
import { useNow, useSettled } from '../frame/hooks';
import { icons, stateIcons } from '../frame/icons';
import { countText, sizeText } from '../frame/numbers';
import { Empty, Loaded } from '../frame/states';
import { Tabs } from '../frame/tabs';
import { agoText, durationText, momentText } from '../frame/time';
import { VirtualList } from '../frame/virtual-list';
import { useOlo } from '../frame/widget';
import type { IEntry, ISavedQuery } from './answers';
import type { QueriesModel } from './model';

interface IActions {
  /** Put a cell into the notebook, or on the clipboard. */
  insert: (cell: string) => void;
  openFile: (path: string) => void;
}

const STATES = ['finished', 'failed', 'cancelled', 'running', 'lost'] as const;

/** Saved queries and history, searched together. A query opens to its text; a button puts it into a new cell. */
export function QueriesSection({ model, ...actions }: IActions & { model: QueriesModel }): React.JSX.Element {
  const { trans } = useOlo();
  const [match, setMatch] = React.useState('');
  const [state, setState] = React.useState('');
  const [tab, setTab] = React.useState('history');
  const settled = useSettled(match.trim());
  React.useEffect(() => model.find(settled, state), [model, settled, state]);
  return (
    <>
      <Filter value={match} change={setMatch} label={trans.__('Search queries')} />
      <Tabs
        label={trans.__('Queries')}
        chosen={tab}
        choose={setTab}
        tabs={[
          {
            id: 'history',
            label: trans.__('History'),
            render: () => <History model={model} state={state} setState={setState} searched={!!settled} {...actions} />
          },
          {
            id: 'saved',
            label: trans.__('Saved'),
            render: () => <Saved model={model} searched={!!settled} {...actions} />
          }
        ]}
      />
    </>
  );
}

function Saved(props: IActions & { model: QueriesModel; searched: boolean }): React.JSX.Element {
  const { model, searched, insert, openFile } = props;
  const { trans } = useOlo();
  return (
    <Loaded resource={model.saved}>
      {({ queries, faults }) => (
        <>
          {faults.map(({ message, hint }) => (
            <div key={message} className="olo-Stale" role="alert">
              {message} {hint}
            </div>
          ))}
          {queries.length === 0 && searched && <Empty title={trans.__('No saved query has these words')} />}
          {queries.length === 0 && !searched && (
            <Empty icon={icons['query']!} title={trans.__('No saved queries')}>
              {trans.__('Save the last statement with `%olo save NAME`: the project keeps it in queries/.')}
            </Empty>
          )}
          {queries.length > 0 && (
            <VirtualList label={trans.__('Saved queries')} items={queries} itemKey={({ name }) => name}>
              {query => (
                <Item
                  title={query.name}
                  about={query.description}
                  sql={query.sql}
                  buttons={
                    <Buttons cell={query.cell} insert={insert}>
                      {query.path && (
                        <Button icon={editIcon} title={trans.__('Edit the file')} run={() => openFile(query.path)} />
                      )}
                    </Buttons>
                  }
                >
                  <Parameters query={query} />
                </Item>
              )}
            </VirtualList>
          )}
        </>
      )}
    </Loaded>
  );
}

function Parameters({ query }: { query: ISavedQuery }): React.JSX.Element {
  const shown = [
    ...Object.entries(query.parameters).map(([name, value]) => `:${name} = ${JSON.stringify(value)}`),
    query.as_of,
    query.engine
  ];
  return <div className="olo-Query-about">{shown.filter(Boolean).join(' · ')}</div>;
}

function History(
  props: IActions & { model: QueriesModel; state: string; setState: (state: string) => void; searched: boolean }
): React.JSX.Element {
  const { model, state, setState, searched, insert } = props;
  const { trans } = useOlo();
  const now = useNow(false);
  const names: Record<string, string> = {
    finished: trans.__('finished'),
    failed: trans.__('failed'),
    cancelled: trans.__('cancelled'),
    running: trans.__('running'),
    lost: trans.__('lost')
  };
  return (
    <Loaded resource={model.history}>
      {({ entries, more }) => (
        <>
          <div className="olo-Query-filter">
            <select
              className="olo-Select"
              aria-label={trans.__('State')}
              value={state}
              onChange={event => setState(event.target.value)}
            >
              <option value="">{trans.__('All states')}</option>
              {STATES.map(one => (
                <option key={one} value={one}>
                  {names[one]}
                </option>
              ))}
            </select>
            {more && <span>{trans.__('The newest %1', entries.length)}</span>}
          </div>
          {entries.length === 0 &&
            (searched || state ? (
              <Empty title={trans.__('No statement matches')} />
            ) : (
              <Empty icon={icons['history']!} title={trans.__('Nothing ran yet')}>
                {trans.__('Every %%%%olo sql statement is kept here.')}
              </Empty>
            ))}
          {entries.length > 0 && (
            <VirtualList label={trans.__('Statements')} items={entries} itemKey={({ id }) => String(id)}>
              {entry => (
                <Item
                  icon={<EntryState entry={entry} name={names[entry.state] ?? entry.state} />}
                  title={firstLine(entry.sql)}
                  about={agoText(entry.started, now, trans)}
                  sql={entry.sql}
                  buttons={<Buttons cell={entry.cell} insert={insert} />}
                >
                  <About entry={entry} />
                </Item>
              )}
            </VirtualList>
          )}
        </>
      )}
    </Loaded>
  );
}

function About({ entry }: { entry: IEntry }): React.JSX.Element {
  const { trans } = useOlo();
  const parts = [
    momentText(entry.started),
    entry.engine,
    entry.seconds !== null && durationText(entry.seconds),
    entry.rows !== null && trans._n('%2 row', '%2 rows', entry.rows, countText(entry.rows)),
    entry.bytes !== null && sizeText(entry.bytes),
    entry.as_of,
    entry.notebook
  ];
  return (
    <>
      <div className="olo-Query-about">{parts.filter(Boolean).join(' · ')}</div>
      {entry.error && <div className="olo-Query-error">{entry.error}</div>}
    </>
  );
}

function Item(props: {
  icon?: React.ReactNode;
  title: string;
  about: string;
  sql: string;
  buttons: React.ReactNode;
  children: React.ReactNode;
}): React.JSX.Element {
  const [open, setOpen] = React.useState(false);
  const Caret = open ? caretDownIcon : caretRightIcon;
  return (
    <div className="olo-Query">
      <div className="olo-Query-line">
        <button className="olo-Query-head" aria-expanded={open} title={props.title} onClick={() => setOpen(!open)}>
          <Caret.react tag="span" elementSize="normal" className="olo-List-caret" />
          {props.icon}
          <span className="olo-Query-title">{props.title}</span>
          <span className="olo-List-when">{props.about}</span>
        </button>
        {props.buttons}
      </div>
      {open && (
        <div className="olo-Query-body">
          {props.children}
          <pre tabIndex={0}>{props.sql.length > 10_000 ? `${props.sql.slice(0, 10_000)}…` : props.sql}</pre>
        </div>
      )}
    </div>
  );
}

function Buttons(props: {
  cell: string;
  insert: (cell: string) => void;
  children?: React.ReactNode;
}): React.JSX.Element {
  const olo = useOlo();
  const { trans } = olo;
  return (
    <span className="olo-Query-buttons">
      <Button icon={addBelowIcon} title={trans.__('Run again in a new cell')} run={() => props.insert(props.cell)} />
      <Button icon={copyIcon} title={trans.__('Copy')} run={() => olo.copy(props.cell)} />
      {props.children}
    </span>
  );
}

function Button({ icon: Icon, title, run }: { icon: LabIcon; title: string; run: () => void }): React.JSX.Element {
  return (
    <button className="olo-IconButton" title={title} aria-label={title} onClick={run}>
      <Icon.react tag="span" elementSize="normal" />
    </button>
  );
}

const SHAPES: Record<IEntry['state'], string> = {
  finished: 'success',
  failed: 'failed',
  cancelled: 'cancelled',
  running: 'running',
  lost: 'cancelled'
};

function EntryState({ entry, name }: { entry: IEntry; name: string }): React.JSX.Element {
  const shape = SHAPES[entry.state];
  const Icon = stateIcons[shape]!;
  return (
    <span className={`olo-State olo-mod-${shape}`} role="img" aria-label={name} title={name}>
      <Icon.react tag="span" elementSize="normal" />
    </span>
  );
}

function firstLine(sql: string): string {
  return sql.trim().replace(/\s+/g, ' ').slice(0, 200);
}
