import type { TranslationBundle } from '@jupyterlab/translation';

import type { IStanding } from '../promote/answers';
import type { IMark } from './strip';

/** What a cell shows of the promotion that it went into: of the newest where there are several. */
export function markOf(standings: readonly IStanding[], cell: string, trans: TranslationBundle): IMark | null {
  const standing = standings.find(each => each.cells.some(({ id }) => id === cell));
  const state = standing?.cells.find(({ id }) => id === cell)?.state;
  if (!standing || !state) {
    return null;
  }
  const words: Record<IStanding['state'], string> = {
    local: trans.__('on this machine'),
    pushed: trans.__('pushed'),
    open: trans.__('in review'),
    merged: trans.__('merged'),
    closed: trans.__('closed')
  };
  const number = standing.pull_request ? ` #${standing.pull_request.number}` : '';
  const failed = standing.checks.some(({ outcome }) => outcome === 'failure');
  const parts = [`${standing.relation} · ${words[standing.state]}${number}`];
  if (failed) {
    parts.push(trans.__('checks failed'));
  }
  const there = standing.deployed.map(each => each.target);
  const differs = standing.deployed.filter(each => each.changed.includes(cell)).map(each => each.target);
  if (there.length) {
    parts.push(trans.__('runs on %1', there.join(', ')));
  }
  if (standing.last_run?.state === 'failed') {
    parts.push(trans.__('last run failed'));
  }
  if (differs.length && state !== 'changed') {
    parts.push(trans.__('%1 runs an older one', differs.join(', ')));
  }
  if (state === 'changed') {
    parts.push(trans.__('changed since'));
  }
  return {
    name: standing.name,
    text: parts.join(' · '),
    title:
      state === 'changed'
        ? trans.__('This cell is not what was promoted any more. Promote again to bring the change over.')
        : trans.__('This cell was promoted as %1.', standing.name),
    state: state === 'changed' ? 'changed' : failed ? 'failed' : 'promoted'
  };
}
