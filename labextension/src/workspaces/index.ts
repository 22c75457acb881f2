import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Resource } from '../frame/resource';
import { getWorkspaces } from '../frame/routes';
import { IOlo } from '../frame/tokens';
import { WorkspacesSection } from './section';
import { WorkspaceView } from './view';

/** Two people. */
const workspaceIcon = new LabIcon({
  name: 'olo-jupyter:workspace',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g class="jp-icon3" fill="#616161">' +
    '<path d="M5.500 2.500a2.700 2.700 0 1 1 0 5.400 2.700 2.700 0 0 1 0-5.400zm0 6.700c2.700 0 4.500 1.500 4.500 3.600v.7H1v-.7c0-2.100 1.800-3.600 4.500-3.600zM10.800 3.200a2.300 2.300 0 1 1 0 4.600c-.4 0-.8-.1-1.100-.300a4 4 0 0 0 0-4c.3-.2.7-.3 1.100-.3zm.2 5.900c2.300 0 4 1.400 4 3.300v.600h-3.700v-.3c0-1.400-.6-2.600-1.600-3.400.4-.1.900-.2 1.300-.2z"/></g></svg>'
});

/** The project's workspaces: who is in them with which role, what belongs to them, and whether the world is as they say. */
export const workspacesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'olo-jupyter:workspaces',
  description: 'Workspaces: members, roles, links and drift.',
  autoStart: true,
  requires: [IOlo],
  activate: (_: JupyterFrontEnd, olo: IOlo) => {
    const list = new Resource(() => getWorkspaces(olo.api));
    // Nothing tells of a change of the files: they are read again with the others after a break.
    olo.events.follow(list, []);
    olo.addSection({
      id: 'workspaces',
      title: olo.trans.__('Workspaces'),
      icon: workspaceIcon,
      rank: 65,
      render: () => React.createElement(WorkspacesSection, { list }),
      refresh: () => void list.load()
    });
    olo.registerView('workspace', {
      label: name => name,
      icon: workspaceIcon,
      render: place => React.createElement(WorkspaceView, { place, list })
    });
  }
};
