import { closeIcon, searchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useOlo } from './widget';

/** A line to filter by. Escape empties it. */
export function Filter(props: {
  value: string;
  change: (value: string) => void;
  /** What it filters, as "Filter tables": the label and the placeholder. */
  label: string;
}): React.JSX.Element {
  const { value, change, label } = props;
  const { trans } = useOlo();
  return (
    <div className="olo-Filter" role="search" data-lm-suppress-shortcuts="true">
      <searchIcon.react tag="span" className="olo-Filter-icon" elementSize="normal" />
      <input
        type="text"
        spellCheck={false}
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={event => change(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Escape' && value) {
            change('');
            event.stopPropagation();
          }
        }}
      />
      {value && (
        <button className="olo-IconButton" aria-label={trans.__('Clear the filter')} onClick={() => change('')}>
          <closeIcon.react tag="span" elementSize="normal" />
        </button>
      )}
    </div>
  );
}
