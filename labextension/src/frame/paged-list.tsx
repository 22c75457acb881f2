import * as React from 'react';

import { useWatched } from './hooks';
import type { Paged } from './paged';
import { Failed, Loading } from './states';
import { VirtualList } from './virtual-list';

/** Draw a list that is read page by page, in whichever state it is. */
export function PagedList<T>(props: {
  list: Paged<T>;
  label: string;
  itemKey: (item: T) => string;
  rowHeight?: number;
  /** What stands in place of an empty list. */
  empty: React.JSX.Element;
  children: (item: T, index: number) => React.ReactNode;
}): React.JSX.Element {
  const { list, label, itemKey, rowHeight, empty, children } = props;
  useWatched(list);
  const more = React.useCallback(() => void list.more(), [list]);
  const retry = (): void => void list.load();
  if (list.items === null) {
    return list.error ? <Failed error={list.error} retry={retry} /> : <Loading />;
  }
  return (
    <>
      {list.error && <Failed error={list.error} retry={retry} />}
      {list.items.length === 0 ? (
        empty
      ) : (
        <VirtualList
          items={list.items}
          itemKey={itemKey}
          label={label}
          onEnd={more}
          {...(rowHeight ? { rowHeight } : {})}
        >
          {children}
        </VirtualList>
      )}
    </>
  );
}
