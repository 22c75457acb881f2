import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ITableRead } from './answers';
import { tablePin, versionPin } from './table-pins';

/** What was chosen: a version of one table, a time or nothing for the cell or the whole notebook. */
export type PinChoice =
  | { kind: 'table'; table: ITableRead; pin: string }
  | { kind: 'time'; when: string; scope: 'cell' | 'notebook' }
  | { kind: 'present'; scope: 'cell' | 'notebook' };

interface IPickerProps {
  sql: string;
  /** The time or ref that the cell's line has now, '' for none. */
  when: string;
  tables: ITableRead[];
  trans: TranslationBundle;
  onChoice(choice: PinChoice): void;
}

/** The body of the dialog that pins a cell. */
export class PinPicker extends ReactWidget implements Dialog.IBodyWidget<PinChoice | null> {
  constructor(private readonly props: Omit<IPickerProps, 'onChoice'>) {
    super();
    this.addClass('olo-PinPicker');
  }

  getValue(): PinChoice | null {
    return this.#choice;
  }

  protected override render(): React.JSX.Element {
    return <Picker {...this.props} onChoice={choice => void (this.#choice = choice)} />;
  }

  #choice: PinChoice | null = null;
}

function Picker(props: IPickerProps): React.JSX.Element {
  const { sql, tables, trans } = props;
  const [chosen, setChosen] = React.useState('');
  const [at, setAt] = React.useState(0);
  const [when, setWhen] = React.useState(props.when);
  const [scope, setScope] = React.useState<'cell' | 'notebook'>('cell');
  const table = tables[at];
  const choose = (id: string, choice: PinChoice): void => {
    setChosen(id);
    props.onChoice(choice);
  };
  const radio = (id: string, choice: PinChoice, children: React.ReactNode): React.JSX.Element => (
    <label key={id} className="olo-PinPicker-choice">
      <input type="radio" name="olo-pin" checked={chosen === id} onChange={() => choose(id, choice)} />
      {children}
    </label>
  );
  const setScopeOf = (next: 'cell' | 'notebook'): void => {
    setScope(next);
    if (chosen === 'present') {
      props.onChoice({ kind: 'present', scope: next });
    } else if (chosen === 'time') {
      props.onChoice({ kind: 'time', when, scope: next });
    }
  };
  return (
    <div>
      <fieldset>
        <legend>{trans.__('All tables')}</legend>
        {radio('present', { kind: 'present', scope }, trans.__('The present'))}
        {radio(
          'time',
          { kind: 'time', when, scope },
          <>
            {trans.__('As of')}
            <input
              className="jp-mod-styled"
              aria-label={trans.__('Time, tag or branch')}
              placeholder={trans.__('2026-01-31 12:00, 3 days ago, or a tag')}
              value={when}
              onChange={event => {
                setWhen(event.target.value);
                choose('time', { kind: 'time', when: event.target.value, scope });
              }}
            />
          </>
        )}
        <label className="olo-PinPicker-scope">
          {trans.__('holds for')}
          <select value={scope} onChange={event => setScopeOf(event.target.value as 'cell' | 'notebook')}>
            <option value="cell">{trans.__('this cell')}</option>
            <option value="notebook">{trans.__('the whole notebook')}</option>
          </select>
        </label>
      </fieldset>
      {table && (
        <fieldset>
          <legend>
            {tables.length > 1 ? (
              <select aria-label={trans.__('Table')} value={at} onChange={event => setAt(Number(event.target.value))}>
                {tables.map((each, index) => (
                  <option key={index} value={index}>
                    {each.sql_name}
                  </option>
                ))}
              </select>
            ) : (
              trans.__('Only %1', table.sql_name)
            )}
          </legend>
          {table.period && <div className="olo-PinPicker-note">{trans.__('Now: %1', tablePin(sql, table))}</div>}
          {table.failure && <div className="olo-PinPicker-note">{table.failure}</div>}
          {table.period && radio(`${at}-none`, { kind: 'table', table, pin: '' }, trans.__('No pin of its own'))}
          {table.refs.map(ref =>
            radio(
              `${at}-${ref.name}`,
              { kind: 'table', table, pin: versionPin(ref.name, 'ref') },
              <>
                <b>{ref.name}</b>
                <span className="olo-PinPicker-faint">
                  {ref.kind === 'tag' ? trans.__('tag') : trans.__('branch: moves with each write')}
                </span>
              </>
            )
          )}
          {table.snapshots.map(snapshot =>
            radio(
              `${at}-${snapshot.id}`,
              { kind: 'table', table, pin: versionPin(snapshot.id, 'snapshot') },
              <>
                <span>{snapshot.at.replace('T', ' ').replace(/(\.\d+)?(Z|\+00:00)$/, ' UTC')}</span>
                <span className="olo-PinPicker-faint">{snapshot.operation}</span>
                <span className="olo-PinPicker-faint">
                  {snapshot.rows === null ? '' : trans._n('1 row', '%1 rows', snapshot.rows)}
                </span>
                <code>{snapshot.id}</code>
              </>
            )
          )}
          {table.snapshot_count > table.snapshots.length && (
            <div className="olo-PinPicker-note">
              {trans.__('The newest %1 of %2 snapshots.', table.snapshots.length, table.snapshot_count)}
            </div>
          )}
        </fieldset>
      )}
    </div>
  );
}
