import * as React from 'react';

import type { Resource } from '../frame/resource';
import type { WorkspaceList, WorkspaceSummary } from '../frame/routes';
import { Empty, Loaded } from '../frame/states';
import { useOlo } from '../frame/widget';

/** The workspaces by name, with the roles that you have in each. */
export function WorkspacesSection({ list }: { list: Resource<WorkspaceList> }): React.JSX.Element {
  const { trans } = useOlo();
  return (
    <Loaded resource={list}>
      {({ workspaces }) =>
        workspaces.length === 0 ? (
          <Empty title={trans.__('No workspaces')}>
            {trans.__('A workspace is a file workspaces/NAME.yml of the project; `olo apply` makes it so.')}
          </Empty>
        ) : (
          <ul className="olo-Services" aria-label={trans.__('Workspaces')}>
            {workspaces.map(workspace => (
              <Workspace key={workspace.name} workspace={workspace} />
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function Workspace({ workspace }: { workspace: WorkspaceSummary }): React.JSX.Element {
  const olo = useOlo();
  const { name, title, members, roles, problem } = workspace;
  return (
    <li>
      <button className="olo-Services-line" title={title || name} onClick={() => olo.open('workspace', name)}>
        <span className="olo-List-name">{name}</span>
        {roles.map(role => (
          <span key={role} className="olo-Chip">
            {role}
          </span>
        ))}
        <span className="olo-List-when">{!problem && olo.trans._n('%1 member', '%1 members', members.length)}</span>
      </button>
      {problem && <div className="olo-Query-error">{problem}</div>}
    </li>
  );
}
