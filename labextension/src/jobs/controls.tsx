import * as React from 'react';

import { useWatched } from '../frame/hooks';
import { useOlo } from '../frame/widget';
import { RUN_STATES, RunState } from './answers';
import type { JobsModel } from './model';
import { stateText } from './state';

/** Where the jobs run that are shown. */
export function TargetSelect(props: {
  model: JobsModel;
  value: string;
  change: (target: string) => void;
}): React.JSX.Element | null {
  const { trans } = useOlo();
  const { model, value, change } = props;
  useWatched(model.targets);
  const targets = model.targets.value?.targets ?? [];
  if (targets.length === 0) {
    return null;
  }
  return (
    <select
      className="olo-Select"
      aria-label={trans.__('Target')}
      title={trans.__('Where the jobs run')}
      value={value}
      onChange={event => change(event.target.value)}
    >
      <option value="">{trans.__('This machine')}</option>
      {targets.map(({ name, orchestrator }) => (
        <option key={name} value={name}>
          {orchestrator === 'local' ? name : `${name} · ${orchestrator}`}
        </option>
      ))}
    </select>
  );
}

/** Of which state. */
export function StateSelect(props: {
  value: string;
  label: string;
  change: (state: RunState | '') => void;
}): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <select
      className="olo-Select"
      aria-label={props.label}
      value={props.value}
      onChange={event => props.change(event.target.value as RunState | '')}
    >
      <option value="">{trans.__('Any state')}</option>
      {RUN_STATES.map(state => (
        <option key={state} value={state}>
          {stateText(state, trans)}
        </option>
      ))}
    </select>
  );
}
