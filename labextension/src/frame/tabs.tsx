import * as React from 'react';

export interface ITab {
  id: string;
  label: string;
  /** Drawn when the tab is chosen. */
  render: () => React.ReactNode;
}

/** Tabs inside a view, by the ARIA practices: arrow keys, Home and End move; only the chosen one is drawn. */
export function Tabs(props: {
  tabs: ITab[];
  chosen: string;
  choose: (id: string) => void;
  label: string;
}): React.JSX.Element {
  const { tabs, choose, label } = props;
  const id = React.useId();
  const bar = React.useRef<HTMLDivElement>(null);
  const at = Math.max(
    0,
    tabs.findIndex(tab => tab.id === props.chosen)
  );
  const chosen = tabs[at]!;
  const move = (to: number): void => {
    const index = (to + tabs.length) % tabs.length;
    choose(tabs[index]!.id);
    bar.current?.querySelectorAll<HTMLElement>('[role="tab"]')[index]?.focus();
  };
  const keys: Record<string, () => void> = {
    ArrowRight: () => move(at + 1),
    ArrowLeft: () => move(at - 1),
    Home: () => move(0),
    End: () => move(tabs.length - 1)
  };
  return (
    <>
      <div
        ref={bar}
        className="olo-Tabs"
        role="tablist"
        aria-label={label}
        data-lm-suppress-shortcuts="true"
        onKeyDown={event => {
          const key = keys[event.key];
          if (key) {
            key();
            event.preventDefault();
          }
        }}
      >
        {tabs.map(tab => (
          <button
            key={tab.id}
            id={`${id}-${tab.id}`}
            role="tab"
            aria-selected={tab === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => choose(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div
        className="olo-Tabs-panel"
        id={`${id}-panel`}
        role="tabpanel"
        aria-labelledby={`${id}-${chosen.id}`}
        tabIndex={0}
      >
        {chosen.render()}
      </div>
    </>
  );
}
