import * as React from 'react';

export interface ITab {
  id: string;
  label: string;
}

/** Tabs, with the keys that tabs have. */
export function Tabs(props: {
  label: string;
  tabs: readonly ITab[];
  current: string;
  change: (id: string) => void;
  children?: React.ReactNode;
}): React.JSX.Element {
  const { label, tabs, current, change, children } = props;
  const keyed = (event: React.KeyboardEvent<HTMLDivElement>): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step) {
      const at = tabs.findIndex(({ id }) => id === current);
      const next = tabs[(at + step + tabs.length) % tabs.length]!;
      change(next.id);
      event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
      event.preventDefault();
    }
  };
  return (
    <div className="olo-Tabs">
      <div role="tablist" aria-label={label} onKeyDown={keyed}>
        {tabs.map(({ id, label: text }) => (
          <button
            key={id}
            data-tab={id}
            role="tab"
            aria-selected={id === current}
            tabIndex={id === current ? 0 : -1}
            onClick={() => change(id)}
          >
            {text}
          </button>
        ))}
      </div>
      {children}
    </div>
  );
}
