import { GroupItem, TextItem } from '@jupyterlab/statusbar';
import * as React from 'react';

import { useModel } from '../frame/hooks';
import { stateIcons } from '../frame/icons';
import type { IOlo } from '../frame/tokens';
import { openRun, type RecentRuns } from './model';

/** How many runs failed in the last 24 hours; a click opens the newest of them. Nothing where none did. */
export function FailedRuns({ runs, olo }: { runs: RecentRuns; olo: IOlo }): React.JSX.Element | null {
  useModel(runs);
  const { trans } = olo;
  const { failures } = runs;
  const Icon = stateIcons['failed']!;
  if (failures.length === 0) {
    return null;
  }
  const text = trans._n('%1 run failed', '%1 runs failed', failures.length);
  return (
    <GroupItem spacing={4} className="olo-State olo-mod-failed olo-StatusItem" title={trans.__('In the last 24 hours')}>
      <button onClick={() => openRun(olo, failures[0]!)}>
        <Icon.react tag="span" elementSize="normal" />
        <TextItem source={text} />
      </button>
    </GroupItem>
  );
}
