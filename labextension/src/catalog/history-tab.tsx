import { ellipsesIcon, LabIcon, MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { countText, sizeText } from '../frame/numbers';
import { Empty, Loaded } from '../frame/states';
import type { IOlo, IViewPlace } from '../frame/tokens';
import { useOlo } from '../frame/widget';
import { icons } from '../frame/icons';
import { momentText } from '../frame/time';
import { VirtualList } from '../frame/virtual-list';
import type { TableActions } from './actions';
import type { IChange, ITableDetail } from './answers';
import type { TableModel } from './table';

interface IProps {
  table: TableModel;
  detail: ITableDetail;
  actions: TableActions;
  place: IViewPlace;
}

/** The snapshots as a time line. Two that are ticked are compared; each has a menu of what can be done with it. */
export function HistoryTab({ table, detail, actions, place }: IProps): React.JSX.Element {
  const olo = useOlo();
  const { trans } = olo;
  const [ticked, setTicked] = React.useState<string[]>([]);
  const tick = (id: string): void =>
    setTicked(ticked.includes(id) ? ticked.filter(other => other !== id) : [...ticked.slice(-1), id]);
  return (
    <Loaded resource={table.history}>
      {({ snapshots, count }) => {
        if (count === 0) {
          return (
            <Empty icon={icons['history']!} title={trans.__('No snapshots yet')}>
              {trans.__('The first write to the table makes one.')}
            </Empty>
          );
        }
        const current = snapshots.find(one => one.current);
        const order = [...ticked].sort((a, b) => at(snapshots, b) - at(snapshots, a));
        return (
          <div className="olo-Fill">
            <div className="olo-Note olo-mod-bar" role="status">
              {ticked.length < 2 ? trans.__('Tick two snapshots to compare them.') : ''}
              {ticked.length === 2 && (
                <button
                  className="jp-mod-styled jp-mod-accept"
                  onClick={() => olo.open('table-diff', place.id, { first: order[0]!, second: order[1]! })}
                >
                  {trans.__('Compare')}
                </button>
              )}
            </div>
            <VirtualList
              label={trans.__('Snapshots of %1', detail.sql_name)}
              items={snapshots}
              itemKey={({ id }) => id}
              rowHeight={64}
              onEnd={() => void table.moreHistory()}
            >
              {change => (
                <Change
                  change={change}
                  ticked={ticked.includes(change.id)}
                  tick={() => tick(change.id)}
                  menu={event => {
                    const { left, bottom } = event.currentTarget.getBoundingClientRect();
                    menuOf(olo, table, detail, change, current, actions, place).open(left, bottom);
                  }}
                />
              )}
            </VirtualList>
          </div>
        );
      }}
    </Loaded>
  );
}

function at(snapshots: IChange[], id: string): number {
  return snapshots.findIndex(one => one.id === id);
}

function Change(props: {
  change: IChange;
  ticked: boolean;
  tick: () => void;
  menu: (event: React.MouseEvent) => void;
}): React.JSX.Element {
  const { change, ticked, tick, menu } = props;
  const { trans } = useOlo();
  const when = momentText(change.at);
  return (
    <div className={`olo-Change${change.current ? ' olo-mod-current' : ''}${change.ancestor ? '' : ' olo-mod-aside'}`}>
      <span className="olo-Change-line" aria-hidden="true" />
      <input
        type="checkbox"
        checked={ticked}
        onChange={tick}
        aria-label={trans.__('Compare the snapshot of %1', when)}
      />
      <div className="olo-Change-text">
        <div>
          <strong>{when}</strong>
          <span className="olo-Chip">{change.operation || trans.__('unknown')}</span>
          {change.current && <span className="olo-Chip olo-mod-current">{trans.__('current')}</span>}
          {change.refs
            .filter(ref => ref !== 'main')
            .map(ref => (
              <span key={ref} className="olo-Chip olo-mod-ref" title={ref}>
                {ref}
              </span>
            ))}
          {!change.ancestor && <span className="olo-Chip">{trans.__('not on main')}</span>}
        </div>
        <div className="olo-Change-figures">
          {change.added_rows !== null && <span className="olo-mod-added">+{countText(change.added_rows)}</span>}
          {change.removed_rows !== null && <span className="olo-mod-removed">−{countText(change.removed_rows)}</span>}
          <span>{trans.__('%1 rows', countText(change.rows))}</span>
          <span>{sizeText(change.size)}</span>
          <span className="olo-mod-code">{change.id}</span>
        </div>
      </div>
      <button
        className="olo-IconButton"
        aria-haspopup="menu"
        aria-label={trans.__('Actions for the snapshot of %1', when)}
        title={trans.__('Actions')}
        onClick={menu}
      >
        <ellipsesIcon.react tag="span" elementSize="normal" />
      </button>
    </div>
  );
}

/** What can be done with a snapshot. */
function menuOf(
  olo: IOlo,
  table: TableModel,
  detail: ITableDetail,
  change: IChange,
  current: IChange | undefined,
  actions: TableActions,
  place: IViewPlace
): MenuSvg {
  const { trans } = olo;
  const commands = new CommandRegistry();
  const menu = new MenuSvg({ commands });
  const add = (id: string, label: string, execute: () => void, icon?: LabIcon): void => {
    commands.addCommand(id, { label, execute, ...(icon ? { icon } : {}) });
    menu.addItem({ command: id });
  };
  const from = `${detail.sql_name} FOR VERSION AS OF ${change.id}`;
  add('query', trans.__('Query in New Cell'), () => actions.query(from));
  add('rows', trans.__('Show Rows'), () => place.setArgs({ tab: 'rows', snapshot: change.id }));
  menu.addItem({ type: 'separator' });
  add('pin-cell', trans.__('Pin the Cell to This Snapshot'), () => actions.pinCell(change));
  if (change.ancestor) {
    add('pin-notebook', trans.__('Pin the Notebook to This Moment'), () => actions.pinNotebook(change));
  }
  menu.addItem({ type: 'separator' });
  if (change.parent) {
    add('diff', trans.__('Compare with the One Before'), () =>
      olo.open('table-diff', place.id, { first: change.parent!, second: change.id })
    );
  }
  add('tag', trans.__('Tag…'), () => void actions.tag(table, change));
  if (current && change.ancestor && !change.current) {
    add('rollback', trans.__('Roll Back to This Snapshot…'), () => void actions.rollBack(table, change, current));
  }
  menu.addItem({ type: 'separator' });
  add('copy', trans.__('Copy Id'), () => olo.copy(change.id));
  return menu;
}
