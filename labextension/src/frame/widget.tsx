import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { ISignal, Signal } from '@lumino/signaling';
import * as React from 'react';

import type { IOlo } from './tokens';

interface IPlace {
  olo: IOlo;
  widget: OloWidget;
}

const Place = React.createContext<IPlace | null>(null);

/** A widget drawn by React that knows whether it can be seen. Its components reach the frame by `useOlo`. */
export class OloWidget extends ReactWidget {
  constructor(
    private readonly olo: IOlo,
    private readonly element: React.JSX.Element
  ) {
    super();
    this.addClass('olo-Widget');
    document.addEventListener('visibilitychange', this.#look);
  }

  /** Attached, not behind another tab or in a closed section, and the page itself is in front. */
  get shown(): boolean {
    return this.isVisible && !document.hidden;
  }

  get shownChanged(): ISignal<this, void> {
    return this.#shownChanged;
  }

  override dispose(): void {
    document.removeEventListener('visibilitychange', this.#look);
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    return (
      <Place.Provider value={{ olo: this.olo, widget: this }}>
        <React.Suspense
          fallback={<div className="olo-Loading" role="status" aria-label={this.olo.trans.__('Loading…')} />}
        >
          {this.element}
        </React.Suspense>
      </Place.Provider>
    );
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.#look();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.#look();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.#look();
  }

  readonly #look = (): void => this.#shownChanged.emit();
  readonly #shownChanged = new Signal<this, void>(this);
}

function usePlace(): IPlace {
  const place = React.useContext(Place);
  if (!place) {
    throw new Error('This component is drawn outside an OloWidget.');
  }
  return place;
}

/** The frame that this component is drawn in. */
export function useOlo(): IOlo {
  return usePlace().olo;
}

/** Whether the component can be seen. */
export function useShown(): boolean {
  const { widget } = usePlace();
  return React.useSyncExternalStore(
    React.useCallback(
      redraw => {
        widget.shownChanged.connect(redraw);
        return () => void widget.shownChanged.disconnect(redraw);
      },
      [widget]
    ),
    () => widget.shown
  );
}
