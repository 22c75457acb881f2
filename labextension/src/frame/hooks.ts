import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

import { serverTime } from './clock';
import type { Watched } from './resource';
import { useShown } from './widget';

/** Draw again whenever the model says that it changed. */
export function useModel(model: { changed: ISignal<unknown, void> }): void {
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    model.changed.connect(redraw);
    return () => void model.changed.disconnect(redraw);
  }, [model.changed]);
}

/** Draw a model that is read while this component is in sight. */
export function useWatched(model: Watched): void {
  useModel(model);
  const shown = useShown();
  React.useEffect(() => {
    if (!shown) {
      return undefined;
    }
    const held = model.hold();
    return () => held.dispose();
  }, [model, shown]);
}

/** The server's time, each second while something is under way, else each minute; still while out of sight. Asks nobody. */
export function useNow(ticking: boolean): number {
  const shown = useShown();
  const [now, setNow] = React.useState(() => serverTime());
  React.useEffect(() => {
    if (!shown) {
      return undefined;
    }
    setNow(serverTime());
    const timer = window.setInterval(() => setNow(serverTime()), ticking ? 1000 : 60_000);
    return () => window.clearInterval(timer);
  }, [ticking, shown]);
  return now;
}

/** A value that follows another when that has been still for a while (ms), as for a filter that is typed. */
export function useSettled<T>(value: T, delay = 200): T {
  const [settled, setSettled] = React.useState(value);
  React.useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), delay);
    return () => window.clearTimeout(timer);
  }, [value, delay]);
  return settled;
}
