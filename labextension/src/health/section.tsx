import { launchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useNow } from '../frame/hooks';
import { stateIcons } from '../frame/icons';
import { pageUrl } from '../frame/links';
import type { Resource } from '../frame/resource';
import { Loaded } from '../frame/states';
import { agoText } from '../frame/time';
import { useOlo } from '../frame/widget';
import type { IFailure, IHealth, IService } from './answers';

const SHAPES: Record<IService['state'], string> = {
  up: 'success',
  degraded: 'cancelled',
  down: 'failed',
  unknown: 'queued'
};

/** Counts of the day, services, what failed and what was late. */
export function HealthSection({ health }: { health: Resource<IHealth> }): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <Loaded resource={health}>
      {({ counts, services, failures, sla_misses, links }) => (
        <div className="olo-Health">
          <dl className="olo-Counts" aria-label={trans.__('The last 24 hours')}>
            <Count name={trans.__('running')} value={counts.running} />
            <Count name={trans.__('succeeded')} value={counts.succeeded} />
            <Count name={trans.__('failed')} value={counts.failed} bad />
            <Count name={trans.__('jobs')} value={counts.jobs} />
          </dl>
          {services.length > 0 && (
            <ul className="olo-Services" aria-label={trans.__('Services')}>
              {services.map(service => (
                <Service key={`${service.kind} ${service.name}`} service={service} />
              ))}
            </ul>
          )}
          <Failures title={trans.__('Failed of late')} failures={failures} />
          <Failures title={trans.__('Later than their SLA')} failures={sla_misses} />
          {links.length > 0 && (
            <div className="olo-Note olo-Figures">
              {links.map(({ title, url }) => (
                <a key={url} href={url} target="_blank" rel="noopener noreferrer">
                  {title} <launchIcon.react tag="span" elementSize="small" />
                </a>
              ))}
            </div>
          )}
        </div>
      )}
    </Loaded>
  );
}

function Count({ name, value, bad = false }: { name: string; value: number; bad?: boolean }): React.JSX.Element {
  return (
    <div className={bad && value > 0 ? 'olo-mod-bad' : ''}>
      <dd>{value.toLocaleString()}</dd>
      <dt>{name}</dt>
    </div>
  );
}

function Service({ service }: { service: IService }): React.JSX.Element {
  const { trans } = useOlo();
  const names: Record<IService['state'], string> = {
    up: trans.__('up'),
    degraded: trans.__('degraded'),
    down: trans.__('down'),
    unknown: trans.__('not looked at yet')
  };
  const shape = SHAPES[service.state];
  const Icon = stateIcons[shape]!;
  // The version mostly names the type, too: one of them has room.
  const about = [service.version || service.type, service.latency !== null && `${Math.round(service.latency)} ms`]
    .filter(Boolean)
    .join(' · ');
  return (
    <li>
      <div className="olo-Services-line">
        <span
          className={`olo-State olo-mod-${shape}`}
          role="img"
          aria-label={names[service.state]}
          title={names[service.state]}
        >
          <Icon.react tag="span" elementSize="normal" />
        </span>
        <span className="olo-List-name" title={service.name}>
          {service.url ? (
            <a href={pageUrl(service.url)} target="_blank" rel="noopener noreferrer">
              {service.name}
            </a>
          ) : (
            service.name
          )}
        </span>
        <span className="olo-List-when" title={`${service.type} · ${about}`}>
          {about}
        </span>
      </div>
      {service.message && (
        <div className="olo-Query-error">
          {service.message} {service.hint}
        </div>
      )}
    </li>
  );
}

function Failures({ title, failures }: { title: string; failures: IFailure[] }): React.JSX.Element | null {
  const olo = useOlo();
  const now = useNow(false);
  return failures.length === 0 ? null : (
    <>
      <h3>{title}</h3>
      <ul className="olo-Services" aria-label={title}>
        {failures.map(failure => (
          <li key={failure.run}>
            <button className="olo-Services-line" title={failure.message} onClick={() => olo.open('run', failure.run)}>
              <span className="olo-List-name">{failure.job}</span>
              <span className="olo-Chip">{failure.target}</span>
              <span className="olo-List-when">{agoText(failure.at, now, olo.trans)}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
