import * as React from 'react';

import { stateIcons } from '../frame/icons';
import type { Resource } from '../frame/resource';
import { Empty, Loaded } from '../frame/states';
import { useOlo } from '../frame/widget';
import type { ICheck, IStanding, IStandings } from './answers';

const CHECK_ICONS: Record<ICheck['outcome'], string> = {
  success: 'success',
  failure: 'failed',
  pending: 'running',
  neutral: 'skipped'
};

/** The pull request of a promotion with its checks and reviews; the server tells when they change. */
export function PullRequest({ standing }: { standing: IStanding | null }): React.JSX.Element | null {
  const { trans } = useOlo();
  const pull = standing?.pull_request;
  if (!standing || !pull) {
    return null;
  }
  return (
    <section aria-label={trans.__('Pull request')} className="olo-PullRequest">
      <h3>{trans.__('Pull request')}</h3>
      <div>
        <a href={pull.url} target="_blank" rel="noopener noreferrer">
          #{pull.number} {pull.title}
        </a>{' '}
        <span className="olo-Faint">{pull.draft ? trans.__('draft') : pull.state}</span>
      </div>
      <ul>
        {standing.checks.map(check => {
          const Icon = (stateIcons[CHECK_ICONS[check.outcome]] ?? stateIcons['queued'])!;
          const state = CHECK_ICONS[check.outcome];
          return (
            <li key={check.name}>
              <span className={`olo-State olo-mod-${state}`} role="img" aria-label={check.outcome}>
                <Icon.react tag="span" />
              </span>
              {check.url ? (
                <a href={check.url} target="_blank" rel="noopener noreferrer">
                  {check.name}
                </a>
              ) : (
                check.name
              )}
            </li>
          );
        })}
        {standing.reviews.map(({ user, verdict }) => (
          <li key={user}>
            {user}: {verdict.replace('_', ' ')}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The section of the left panel: all promotions of the person. */
export function Promotions(props: { standings: Resource<IStandings>; open(name: string): void }): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <Loaded resource={props.standings}>
      {({ promotions, unasked }) =>
        promotions.length === 0 ? (
          <Empty title={trans.__('Nothing promoted yet')}>
            {trans.__('“Promote…” above a cell makes a model or module of it, with tests, proof and a pull request.')}
          </Empty>
        ) : (
          <>
            {unasked && (
              <div className="olo-Promotions-note">{trans.__('The Git host was not asked: %1', unasked)}</div>
            )}
            <ul className="olo-Promotions" aria-label={trans.__('Promotions')}>
              {promotions.map(standing => (
                <li key={standing.name}>
                  <Row standing={standing} open={props.open} />
                </li>
              ))}
            </ul>
          </>
        )
      }
    </Loaded>
  );
}

function Row({ standing, open }: { standing: IStanding; open(name: string): void }): React.JSX.Element {
  const { trans } = useOlo();
  const changed = standing.cells.filter(({ state }) => state !== 'promoted').length;
  const outcomes = new Set(standing.checks.map(({ outcome }) => outcome));
  const checks = outcomes.has('failure') ? 'failure' : outcomes.has('pending') ? 'pending' : [...outcomes][0];
  const Icon = checks ? stateIcons[CHECK_ICONS[checks]] : null;
  return (
    <button title={`${standing.relation}, ${standing.notebook}`} onClick={() => open(standing.name)}>
      <span className="olo-Promotions-name">{standing.name}</span>
      {Icon && (
        <span
          className={`olo-State olo-mod-${CHECK_ICONS[checks!]}`}
          role="img"
          aria-label={trans.__('checks: %1', checks!)}
        >
          <Icon.react tag="span" />
        </span>
      )}
      <span className="olo-Faint">
        {standing.pull_request ? `#${standing.pull_request.number} ` : ''}
        {standing.state}
      </span>
      {changed > 0 && (
        <span className="olo-Promotions-drift">{trans._n('1 cell changed', '%1 cells changed', changed)}</span>
      )}
    </button>
  );
}
