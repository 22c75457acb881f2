import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

/** Draw again whenever the model says that it changed. */
export function useModel(model: { changed: ISignal<unknown, void> }): void {
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    model.changed.connect(redraw);
    return () => void model.changed.disconnect(redraw);
  }, [model]);
}

/** The time, each second while something is under way, else each minute. Asks nobody: it only moves the clock on the page. */
export function useNow(ticking: boolean): number {
  const [now, setNow] = React.useState(Date.now());
  React.useEffect(() => {
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), ticking ? 1000 : 60_000);
    return () => window.clearInterval(timer);
  }, [ticking]);
  return now;
}
