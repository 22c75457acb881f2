import * as React from 'react';

import { route } from '../frame/api';
import { pageUrl } from '../frame/links';
import { Resource } from '../frame/resource';
import { Loaded } from '../frame/states';
import type { IViewPlace } from '../frame/tokens';
import { useOlo } from '../frame/widget';
import { Ago } from '../jobs/state';
import type { IModel } from './answers';
import { Links } from './run-panel';

/** A registered model: its versions with their aliases, and where each came from. */
export function ModelView({ place }: { place: IViewPlace }): React.JSX.Element {
  const { api, trans } = useOlo();
  const model = React.useMemo(() => new Resource(() => api.get<IModel>(route`models/${place.id}`)), [api, place]);
  return (
    <Loaded resource={model}>
      {({ name, description, url, versions }) => (
        <div className="olo-Lineage">
          <div className="olo-Lineage-bar">
            <strong>{name}</strong>
            <span className="olo-Spacer" />
            {url && (
              <a className="olo-Link" href={pageUrl(url)} target="_blank" rel="noreferrer">
                {trans.__('Open in MLflow')}
              </a>
            )}
          </div>
          {description && <p className="olo-Note">{description}</p>}
          <div className="olo-Lineage-table" tabIndex={0} role="region" aria-label={trans.__('Versions')}>
            <table className="olo-Table">
              <thead>
                <tr>
                  <th scope="col">{trans.__('Version')}</th>
                  <th scope="col">{trans.__('Aliases')}</th>
                  <th scope="col">{trans.__('State')}</th>
                  <th scope="col">{trans.__('Created')}</th>
                  <th scope="col">{trans.__('Description')}</th>
                  <th scope="col">{trans.__('From')}</th>
                </tr>
              </thead>
              <tbody>
                {versions.map(version => (
                  <tr key={version.version}>
                    <th scope="row">{version.version}</th>
                    <td>
                      {version.aliases.map(alias => (
                        <span key={alias} className="olo-Badge">
                          @{alias}
                        </span>
                      ))}
                    </td>
                    <td>{version.state}</td>
                    <td>
                      <Ago at={version.created} />
                    </td>
                    <td>{version.description}</td>
                    <td>
                      <Links links={version.links} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </div>
      )}
    </Loaded>
  );
}
