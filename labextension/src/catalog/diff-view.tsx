import * as React from 'react';

import { useModel } from '../frame/hooks';
import { icons } from '../frame/icons';
import { countText } from '../frame/numbers';
import { Resource } from '../frame/resource';
import { RowsTable } from '../frame/rows-table';
import { Empty, Loaded } from '../frame/states';
import { momentText } from '../frame/time';
import type { IViewPlace } from '../frame/tokens';
import { useOlo } from '../frame/widget';
import type { IDiff, IDiffSide } from './answers';
import { TableModel } from './table';

const CLASSES: Record<string, string> = {
  added: 'olo-mod-added',
  removed: 'olo-mod-removed',
  before: 'olo-mod-before',
  after: 'olo-mod-after'
};

/** What changed in a table between two snapshots, as a table. */
export function DiffView({ place }: { place: IViewPlace }): React.JSX.Element {
  const olo = useOlo();
  const { trans } = olo;
  useModel({ changed: place.argsChanged });
  const { first = '', second = '', key = '' } = place.args;
  const table = React.useMemo(() => new TableModel(olo.api, olo.events, place.id), [place.id]);
  React.useEffect(() => () => table.dispose(), [table]);
  const names = key.split(',').map(name => name.trim());
  const diff = React.useMemo(
    () => new Resource(() => table.diff(first, second, names.filter(Boolean))),
    [table, first, second, key]
  );
  return (
    <>
      <header className="olo-Head">
        <div className="olo-Head-text">
          <h2>{trans.__('Changes of %1', table.name)}</h2>
          <form
            className="olo-Figures"
            onSubmit={event => {
              event.preventDefault();
              place.setArgs({ key: String(new FormData(event.currentTarget).get('key') ?? '') });
            }}
          >
            <label>
              {trans.__('Key columns')}{' '}
              <input
                className="jp-mod-styled"
                name="key"
                defaultValue={key}
                placeholder={trans.__('none: rows are compared whole')}
                data-lm-suppress-shortcuts="true"
              />
            </label>
            <button className="jp-mod-styled" type="submit">
              {trans.__('Compare by key')}
            </button>
          </form>
        </div>
      </header>
      <Loaded resource={diff}>{found => <Found diff={found} />}</Loaded>
    </>
  );
}

function Found({ diff }: { diff: IDiff }): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <div className="olo-Fill">
      <div className="olo-Sides">
        <Side title={trans.__('Before')} side={diff.before} />
        <Side title={trans.__('After')} side={diff.after} />
        <div className="olo-Figures" role="status">
          <span className="olo-mod-added">{trans.__('+%1 added', countText(diff.added))}</span>
          <span className="olo-mod-removed">{trans.__('−%1 removed', countText(diff.removed))}</span>
          {diff.key.length > 0 && <span>{trans.__('%1 changed', countText(diff.changed))}</span>}
        </div>
      </div>
      {diff.columns.map(({ kind, column, before, after }) => (
        <div key={`${kind} ${column}`} className="olo-Note">
          {[trans.__('Column %1: %2', column, kind), before && after ? `${before} → ${after}` : before || after].join(
            ' '
          )}
        </div>
      ))}
      {diff.notes.map(note => (
        <div key={note} className="olo-Note">
          {note}
        </div>
      ))}
      {diff.same ? (
        <Empty icon={icons['table']!} title={trans.__('Nothing differs')}>
          {diff.method}
        </Empty>
      ) : (
        <RowsTable
          data={diff.rows}
          label={trans.__('Rows that differ')}
          rowClass={row => CLASSES[String(row[0])] ?? ''}
        />
      )}
      {diff.rows.truncated && <div className="olo-Note">{trans.__('There are more; these are the first.')}</div>}
    </div>
  );
}

function Side({ title, side }: { title: string; side: IDiffSide }): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <div className="olo-Sides-side">
      <strong>{title}</strong>
      <span>{side.committed ? momentText(side.committed) : side.pin}</span>
      <span>{trans.__('%1 rows', countText(side.rows))}</span>
      <span className="olo-mod-code">{side.snapshot}</span>
    </div>
  );
}
