import * as React from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import { useNow } from '../frame/hooks';
import { stateIcons } from '../frame/icons';
import { agoText, dayText, durationText, momentText, secondsBetween } from '../frame/time';
import { useOlo } from '../frame/widget';
import type { RunState } from './answers';

/** A state in the reader's words. */
export function stateText(state: RunState, trans: TranslationBundle): string {
  const texts: Record<RunState, string> = {
    queued: trans.__('queued'),
    running: trans.__('running'),
    success: trans.__('success'),
    failed: trans.__('failed'),
    cancelled: trans.__('cancelled'),
    skipped: trans.__('skipped')
  };
  return texts[state] ?? state;
}

/** A state as an icon: by shape and colour, and by its name for those who see neither. */
export function StateIcon({ state }: { state: RunState }): React.JSX.Element {
  const { trans } = useOlo();
  const text = stateText(state, trans);
  const Icon = stateIcons[state] ?? stateIcons['queued']!;
  return (
    <span className={`olo-State olo-mod-${state}`} role="img" aria-label={text} title={text}>
      <Icon.react tag="span" elementSize="normal" />
    </span>
  );
}

interface ITimed {
  started: string | null;
  ended: string | null;
  state: RunState;
}

/** How long something took, counting up while it runs. */
export function Duration({ of }: { of: ITimed }): React.JSX.Element {
  const now = useNow(of.state === 'running');
  const open = of.ended === null && of.state !== 'running';
  const seconds = open ? null : secondsBetween(of.started, of.ended, now);
  return <span className="olo-Duration">{seconds !== null && durationText(seconds)}</span>;
}

/** How long ago something was; the exact time on hover. */
export function Ago({ at }: { at: string | null }): React.JSX.Element | null {
  const { trans } = useOlo();
  const now = useNow(false);
  if (at === null) {
    return null;
  }
  return (
    <time dateTime={at} title={momentText(at)}>
      {agoText(at, now, trans)}
    </time>
  );
}

/** A moment to come. */
export function Until({ at }: { at: string }): React.JSX.Element {
  const { trans } = useOlo();
  const now = useNow(false);
  const seconds = (Date.parse(at) - now) / 1000;
  const text =
    seconds <= 0
      ? trans.__('now')
      : seconds < 86_400
        ? trans.__('in %1', durationText(Math.max(60, Math.round(seconds / 60) * 60)).replace(/ 0 (s|min)$/, ''))
        : dayText(at, now);
  return (
    <time dateTime={at} title={momentText(at)}>
      {text}
    </time>
  );
}
