import { useVirtualizer } from '@tanstack/react-virtual';
import * as React from 'react';

export interface IVirtualListProps<T> {
  items: readonly T[];
  /** The same for an item after a reload, unique in the list. */
  itemKey: (item: T) => string;
  /** What is drawn for an item; put in an element of the role `listitem`. */
  children: (item: T, index: number) => React.ReactNode;
  /** What the list is, for a screen reader. */
  label: string;
  /** Height of most rows, px; rows of another height are measured. */
  rowHeight?: number;
  className?: string;
  /** Called when the last rows come in sight, to read more. */
  onEnd?: () => void;
}

/** A list that draws only what is in sight, of any length. It fills the height it is given and scrolls. */
export function VirtualList<T>(props: IVirtualListProps<T>): React.JSX.Element {
  const { items, itemKey, label, rowHeight = 28, className = '', onEnd } = props;
  const scroller = React.useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: index => itemKey(items[index]!),
    overscan: 10
  });
  const rows = virtual.getVirtualItems();
  const last = rows[rows.length - 1]?.index ?? 0;
  React.useEffect(() => {
    if (items.length && last >= items.length - 1) {
      onEnd?.();
    }
  }, [last, items.length, onEnd]);
  return (
    <div ref={scroller} className={`olo-VirtualList ${className}`} role="list" aria-label={label}>
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {rows.map(({ index, key, start }) => (
          <div
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            className="olo-VirtualList-row"
            role="listitem"
            aria-setsize={items.length}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start}px)` }}
          >
            {props.children(items[index]!, index)}
          </div>
        ))}
      </div>
    </div>
  );
}
