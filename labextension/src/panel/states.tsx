import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { ApiError } from '../api';

/** A line in place of content: nothing there, or still coming. */
export function Notice(props: { children: React.ReactNode; indent?: number }): React.JSX.Element {
  return (
    <div className="olo-Notice" style={{ paddingLeft: props.indent }} role="status">
      {props.children}
    </div>
  );
}

/** What went wrong, what to do, and a button to try again. */
export function Failure(props: {
  error: Error;
  retry: () => void;
  trans: TranslationBundle;
  indent?: number;
}): React.JSX.Element {
  const hint = props.error instanceof ApiError ? props.error.hint : '';
  return (
    <div className="olo-Failure" style={{ paddingLeft: props.indent }} role="alert">
      <span>{props.error.message}</span>
      {hint && <span className="olo-Failure-hint">{hint}</span>}
      <button className="olo-Failure-retry" onClick={props.retry}>
        {props.trans.__('Try again')}
      </button>
    </div>
  );
}
