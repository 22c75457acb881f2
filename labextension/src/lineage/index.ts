import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import * as React from 'react';

import type { Paged } from '../frame/paged';
import { IOlo } from '../frame/tokens';
import type { ILineageMatch } from './answers';
import { lineageIcon } from './icon';
import { LineageSection } from './lineage-section';
import { LineageView } from './lineage-view';

/** Lineage: a section to find a table or a job, a view with the graph around it. */
export const lineagePlugin: JupyterFrontEndPlugin<void> = {
  id: 'olo-jupyter:lineage',
  description: 'Where data comes from and goes to.',
  autoStart: true,
  requires: [IOlo],
  activate: (_: JupyterFrontEnd, olo: IOlo) => {
    const { trans } = olo;
    const refreshed: { list: Paged<ILineageMatch> | null } = { list: null };
    olo.addSection({
      id: 'lineage',
      title: trans.__('Lineage'),
      icon: lineageIcon,
      rank: 40,
      render: () => React.createElement(LineageSection, { refreshed }),
      refresh: () => void refreshed.list?.load()
    });
    olo.registerView('lineage', {
      label: id => id.split(':').slice(2).join(':') || id,
      icon: lineageIcon,
      render: place => React.createElement(LineageView, { place })
    });
  }
};
