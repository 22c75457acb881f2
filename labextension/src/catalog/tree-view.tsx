import { useVirtualizer } from '@tanstack/react-virtual';
import { Notification } from '@jupyterlab/apputils';
import { addBelowIcon, caretDownIcon, caretRightIcon, copyIcon, LabIcon, launchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useWatched } from '../frame/hooks';
import { icons } from '../frame/icons';
import { Failed, Loading } from '../frame/states';
import { useOlo } from '../frame/widget';
import type { INode, Row, TreeModel } from './tree';

const INDENT = 14;
const ROW_HEIGHT = 24;

export interface ITreeActions {
  copy(node: INode): void;
  query(node: INode): void;
  /** Open a table's view. */
  open(node: INode): void;
  /** The node that the keyboard or a click chose last. */
  choose(node: INode | null): void;
}

interface IProps {
  model: TreeModel;
  label: string;
  empty: React.JSX.Element;
  actions: ITreeActions;
}

/** A tree that draws only what is in sight. Arrow keys, Home, End and first letters move; Enter opens; Tab reaches a row's buttons. */
export function TreeView({ model, label, empty, actions }: IProps): React.JSX.Element {
  useWatched(model);
  const { trans } = useOlo();
  const [active, setActive] = React.useState('');
  const id = React.useId();
  const rows = model.rows;
  const scroller = React.useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12
  });

  if (rows.length === 1 && rows[0]!.level === 0 && rows[0]!.type !== 'node') {
    const only = rows[0]!;
    if (only.type === 'error') {
      return <Failed error={only.error} retry={() => void model.load()} />;
    }
    return only.type === 'loading' ? <Loading /> : empty;
  }

  const index = Math.max(
    0,
    rows.findIndex(row => row.type === 'node' && row.path === active)
  );
  const choose = (row: Row | undefined): void => {
    if (row?.type === 'node') {
      setActive(row.path);
      actions.choose(row.node);
      virtual.scrollToIndex(rows.indexOf(row));
    }
  };
  const current = rows[index];
  const drawn = virtual.getVirtualItems();

  return (
    <div
      ref={scroller}
      className="olo-Tree"
      role="tree"
      aria-label={label}
      aria-activedescendant={drawn.some(item => item.index === index) ? `${id}-${index}` : undefined}
      tabIndex={0}
      data-lm-suppress-shortcuts="true"
      onFocus={event => event.target === event.currentTarget && choose(current)}
      onKeyDown={event => {
        if (event.target === event.currentTarget && moveByKey(event, rows, index, model, choose)) {
          event.preventDefault();
          event.stopPropagation();
        }
      }}
    >
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
        {drawn
          .map(({ index: at, start }) => [rows[at]!, at, start] as const)
          .map(([row, at, start]) => (
            <div
              key={`${row.type} ${row.path}`}
              id={`${id}-${at}`}
              style={{ top: start, paddingLeft: 4 + row.level * INDENT }}
              className={`olo-Tree-row${row === current ? ' olo-mod-active' : ''}`}
              title={row.type === 'node' ? row.node.title : row.type === 'error' ? row.error.message : undefined}
              onMouseDown={() => choose(row)}
              {...(row.type === 'node'
                ? {
                    role: 'treeitem',
                    'aria-level': row.level + 1,
                    'aria-expanded': row.expanded ?? undefined,
                    'aria-setsize': row.size,
                    'aria-posinset': row.position,
                    'aria-selected': row === current,
                    onClick: () => press(row, model),
                    onDoubleClick: () => row.node.view && actions.open(row.node)
                  }
                : { role: 'none' })}
            >
              {row.type === 'node' ? (
                <NodeRow row={row} active={row === current} actions={actions} />
              ) : row.type === 'error' ? (
                <>
                  <span className="olo-Tree-error">{row.error.message}</span>
                  <button className="olo-Link" onClick={() => void model.loadBranch(row.path)}>
                    {trans.__('Try again')}
                  </button>
                </>
              ) : (
                <span className="olo-Tree-note">
                  {row.type === 'loading' ? trans.__('Loading…') : trans.__('Empty')}
                </span>
              )}
            </div>
          ))}
      </div>
    </div>
  );
}

/** What a click or Enter does: opens or closes a branch, or reads more. */
function press(row: Row & { type: 'node' }, model: TreeModel): void {
  if (row.node.more) {
    void model.extend(row.parent, row.node).catch(error => Notification.error(String(error.message)));
  } else if (row.expanded !== null) {
    void model.toggle(row.path);
  }
}

function NodeRow(props: { row: Row & { type: 'node' }; active: boolean; actions: ITreeActions }): React.JSX.Element {
  const { trans } = useOlo();
  const { row, active, actions } = props;
  const { node, expanded } = row;
  const Caret = expanded === null ? null : expanded ? caretDownIcon : caretRightIcon;
  const Icon = icons[node.kind];
  return (
    <>
      <span className="olo-Tree-caret">{Caret && <Caret.react tag="span" elementSize="normal" />}</span>
      {Icon && <Icon.react tag="span" className="olo-Tree-icon" />}
      <span className="olo-Tree-label">{node.label}</span>
      {node.detail && <span className="olo-Tree-detail">{node.detail}</span>}
      <span className="olo-Tree-actions">
        {node.view && (
          <Action icon={launchIcon} active={active} title={trans.__('Open')} run={() => actions.open(node)} />
        )}
        {node.from && (
          <Action
            icon={addBelowIcon}
            active={active}
            title={trans.__('Query in a new cell')}
            run={() => actions.query(node)}
          />
        )}
        {node.sqlName && (
          <Action
            icon={copyIcon}
            active={active}
            title={trans.__('Copy %1', node.sqlName)}
            run={() => actions.copy(node)}
          />
        )}
      </span>
    </>
  );
}

function Action(props: { icon: LabIcon; active: boolean; title: string; run: () => void }): React.JSX.Element {
  return (
    <button
      className="olo-Tree-action"
      title={props.title}
      aria-label={props.title}
      tabIndex={props.active ? 0 : -1}
      onClick={event => {
        event.stopPropagation();
        props.run();
      }}
    >
      <props.icon.react tag="span" elementSize="normal" />
    </button>
  );
}

/** What the keys of a tree do by the ARIA practices; whether the key meant something. */
function moveByKey(
  event: React.KeyboardEvent,
  rows: Row[],
  index: number,
  model: TreeModel,
  choose: (row: Row | undefined) => void
): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return false;
  }
  const nodes = rows.filter(row => row.type === 'node');
  const current = rows[index];
  if (current?.type !== 'node') {
    return false;
  }
  const at = nodes.indexOf(current);
  switch (event.key) {
    case 'ArrowDown':
      choose(nodes[at + 1]);
      return true;
    case 'ArrowUp':
      choose(nodes[at - 1]);
      return true;
    case 'Home':
      choose(nodes[0]);
      return true;
    case 'End':
      choose(nodes[nodes.length - 1]);
      return true;
    case 'Enter':
    case ' ':
      press(current, model);
      return true;
    case 'ArrowRight':
      if (current.expanded) {
        choose(nodes[at + 1]);
      } else {
        void model.toggle(current.path, true);
      }
      return true;
    case 'ArrowLeft':
      if (current.expanded) {
        void model.toggle(current.path, false);
      } else {
        choose(
          nodes
            .slice(0, at)
            .reverse()
            .find(row => row.level < current.level)
        );
      }
      return true;
  }
  if (event.key.length === 1) {
    const letter = event.key.toLowerCase();
    const following = [...nodes.slice(at + 1), ...nodes.slice(0, at)];
    choose(following.find(row => row.type === 'node' && row.node.label.toLowerCase().startsWith(letter)));
    return true;
  }
  return false;
}
