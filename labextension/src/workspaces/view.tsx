import * as React from 'react';

import { Resource } from '../frame/resource';
import type { WorkspaceDrift, WorkspaceList, WorkspaceSummary } from '../frame/routes';
import { getWorkspacesNameDrift } from '../frame/routes';
import { Empty, Failed, Loaded, withCode } from '../frame/states';
import type { IViewPlace } from '../frame/tokens';
import { useOlo } from '../frame/widget';
import { Ago } from '../jobs/state';

/** One workspace: what its file says, who is in it, and where the world differs. */
export function WorkspaceView({
  place,
  list
}: {
  place: IViewPlace;
  list: Resource<WorkspaceList>;
}): React.JSX.Element {
  const { api, trans } = useOlo();
  const drift = React.useMemo(() => new Resource(() => getWorkspacesNameDrift(api, place.id)), [api, place]);
  return (
    <Loaded resource={list}>
      {({ workspaces }) => {
        const found = workspaces.find(({ name }) => name === place.id);
        return found ? (
          <div className="olo-Workspace">
            <About workspace={found} />
            {found.problem ? (
              <Failed error={new Error(found.problem)} retry={() => void list.load()} />
            ) : (
              <>
                <Drift drift={drift} name={found.name} />
                <Members members={found.members} />
              </>
            )}
          </div>
        ) : (
          <Empty title={trans.__('There is no workspace %1', place.id)} />
        );
      }}
    </Loaded>
  );
}

function About({ workspace }: { workspace: WorkspaceSummary }): React.JSX.Element {
  const { trans } = useOlo();
  const { name, title, repository, storage, roles, catalogs, experiments, links, commit, applied } = workspace;
  const facts: [string, React.ReactNode][] = [
    [trans.__('Your roles'), roles.length ? roles.join(', ') : trans.__('none')],
    [trans.__('Repository'), /^https?:/.test(repository) ? <Page url={repository}>{repository}</Page> : repository],
    [trans.__('Storage'), storage],
    [
      trans.__('Catalogs'),
      Object.entries(catalogs)
        .map(([catalog, namespaces]) => (namespaces.length ? `${catalog} (${namespaces.join(', ')})` : catalog))
        .join(' · ')
    ],
    [trans.__('Experiments'), experiments.join(' · ')],
    [trans.__('Commit'), commit.slice(0, 10)],
    [
      trans.__('Applied'),
      applied ? (
        <>
          {applied.commit.slice(0, 10)} {trans.__('by %1', applied.by)} <Ago at={applied.at} />
        </>
      ) : (
        trans.__('never: olo apply')
      )
    ]
  ];
  return (
    <div className="olo-Details">
      <h2>{title || name}</h2>
      <dl>
        {facts
          .filter(([, value]) => value !== '')
          .map(([what, value]) => (
            <React.Fragment key={what}>
              <dt>{what}</dt>
              <dd>{value}</dd>
            </React.Fragment>
          ))}
      </dl>
      {Object.keys(links).length > 0 && (
        <nav className="olo-Figures" aria-label={trans.__('Links')}>
          {Object.entries(links).map(([to, url]) => (
            <Page key={to} url={url}>
              {to.replace('_', '-')}
            </Page>
          ))}
        </nav>
      )}
    </div>
  );
}

function Page({ url, children }: { url: string; children: React.ReactNode }): React.JSX.Element {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

function Members({ members }: { members: WorkspaceSummary['members'] }): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <Table label={trans.__('Members')} heads={[trans.__('Member'), trans.__('Kind'), trans.__('Role')]}>
      {members.map(({ kind, name, role }) => (
        <tr key={`${kind} ${name}`}>
          <th scope="row">{name}</th>
          <td>{kind === 'user' ? trans.__('person') : trans.__('group')}</td>
          <td>{role}</td>
        </tr>
      ))}
    </Table>
  );
}

function Drift({ drift, name }: { drift: Resource<WorkspaceDrift>; name: string }): React.JSX.Element {
  const { trans } = useOlo();
  const signs: Record<string, string> = {
    create: trans.__('missing'),
    update: trans.__('different'),
    remove: trans.__('too much'),
    refuse: trans.__("can't be made so")
  };
  return (
    <section className="olo-Workspace-drift" aria-label={trans.__('Drift')}>
      <Loaded resource={drift}>
        {({ changes }) =>
          changes.length === 0 ? (
            <div className="olo-Note">{trans.__('Everything is as the file says.')}</div>
          ) : (
            <>
              <div className="olo-Note">
                {withCode(trans.__('The world is not as the file says; `olo apply %1` makes it so.', name))}
              </div>
              <Table
                label={trans.__('Drift')}
                heads={['', trans.__('What'), trans.__('Is'), trans.__('Shall be'), trans.__('Why not')]}
              >
                {changes.map(({ action, kind, subject, before, after, reason }) => (
                  <tr key={`${kind} ${subject}`}>
                    <td>{signs[action]}</td>
                    <th scope="row">
                      {kind} {subject}
                    </th>
                    <td>{before || '–'}</td>
                    <td>{after || '–'}</td>
                    <td>{reason}</td>
                  </tr>
                ))}
              </Table>
            </>
          )
        }
      </Loaded>
    </section>
  );
}

function Table(props: { label: string; heads: string[]; children: React.ReactNode }): React.JSX.Element {
  const { label, heads, children } = props;
  return (
    <div className="olo-Lineage-table" tabIndex={0} role="region" aria-label={label}>
      <h3>{label}</h3>
      <table className="olo-Table">
        <thead>
          <tr>
            {heads.map(head =>
              head ? (
                <th key={head} scope="col">
                  {head}
                </th>
              ) : (
                <td key="" />
              )
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
