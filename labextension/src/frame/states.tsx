import { lockIcon, LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ApiError } from './api';
import { useWatched } from './hooks';
import { failedIcon } from './icons';
import type { Resource } from './resource';
import { useOlo } from './widget';

interface IStateProps {
  icon?: LabIcon;
  title?: string;
  children?: React.ReactNode;
  /** A button under the text. */
  action?: { label: string; run: () => void };
  role?: 'status' | 'alert';
  className?: string;
}

/** What stands in place of content. */
function State({
  icon: Icon,
  title,
  children,
  action,
  role = 'status',
  className = ''
}: IStateProps): React.JSX.Element {
  return (
    // Where the panel is low this scrolls, and without a button only by being focused itself.
    <div className={`olo-StateBox ${className}`} role={role} tabIndex={action ? undefined : 0}>
      {Icon && <Icon.react tag="span" className="olo-StateBox-icon" elementSize="large" />}
      {title && <div className="olo-StateBox-title">{title}</div>}
      {children && (
        <div className="olo-StateBox-text">{typeof children === 'string' ? withCode(children) : children}</div>
      )}
      {action && (
        <button className="jp-mod-styled olo-Button" onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  );
}

/** What stands between backquotes is something to type, and drawn so. */
export function withCode(text: string): React.ReactNode {
  return text.split('`').map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part));
}

/** There is nothing; say how something comes. */
export function Empty(props: Omit<IStateProps, 'role' | 'className'>): React.JSX.Element {
  return <State {...props} />;
}

/** The first answer is still coming. It is drawn only after a moment, so that a quick answer doesn't flicker. */
export function Loading(): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <div className="olo-Loading" role="status">
      <span className="olo-Loading-mark" aria-hidden="true" />
      {trans.__('Loading…')}
    </div>
  );
}

/** The person may not see this: no retry, but whom to ask. */
export function NoPermission({ error }: { error: ApiError }): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <State icon={lockIcon} title={trans.__('You have no permission for this')}>
      <div>{error.message}</div>
      <div>{error.hint}</div>
    </State>
  );
}

/** Codes of what a project doesn't have (yet). */
const NOT_SET_UP = /-not-configured$|^no-repository$/;

/** A part that this project doesn't use: no failure, but how to set it up. */
function NotSetUp({ error, retry }: { error: ApiError; retry: () => void }): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <State title={error.message} action={{ label: trans.__('Look again'), run: retry }}>
      {withCode(error.hint)}
    </State>
  );
}

/** What went wrong, what to do, and a button to try again. */
export function Failed({ error, retry }: { error: Error; retry: () => void }): React.JSX.Element {
  const { trans } = useOlo();
  if (error instanceof ApiError && error.forbidden) {
    return <NoPermission error={error} />;
  }
  if (error instanceof ApiError && NOT_SET_UP.test(error.code)) {
    return <NotSetUp error={error} retry={retry} />;
  }
  return (
    <State
      role="alert"
      icon={failedIcon}
      title={error.message}
      action={{ label: trans.__('Try again'), run: retry }}
      className="olo-mod-failed"
    >
      {error instanceof ApiError && error.hint}
    </State>
  );
}

/** A value that was read, but couldn't be read again: it is shown with a line above that says so. */
function Stale({ error, retry }: { error: Error; retry: () => void }): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <div className="olo-Stale" role="alert">
      <span>{trans.__('Not up to date: %1', error.message)}</span>
      <button className="olo-Link" onClick={retry}>
        {trans.__('Try again')}
      </button>
    </div>
  );
}

/** Draw a resource in whichever state it is. It is read while this is in sight. */
export function Loaded<T>(props: {
  resource: Resource<T>;
  children: (value: T) => React.ReactNode;
}): React.JSX.Element {
  const { resource, children } = props;
  useWatched(resource);
  const retry = (): void => void resource.load();
  if (resource.value === null) {
    return resource.error ? <Failed error={resource.error} retry={retry} /> : <Loading />;
  }
  return (
    <>
      {resource.error && <Stale error={resource.error} retry={retry} />}
      {children(resource.value)}
    </>
  );
}
