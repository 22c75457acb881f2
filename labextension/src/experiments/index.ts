import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Paged } from '../frame/paged';
import { IOlo } from '../frame/tokens';
import { ExperimentsSection } from './experiments-section';
import { ExperimentView } from './experiment-view';
import { ModelView } from './model-view';

/** A flask. */
const experimentIcon = new LabIcon({
  name: 'olo-jupyter:experiment',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g class="jp-icon3" fill="#616161">' +
    '<path d="M5 1.500h6v1.200h-1v3.600l3.800 6.200c.6 1-.1 2-1.200 2H3.400c-1.100 0-1.800-1-1.200-2L6 6.300V2.700H5V1.500zm2.200 1.200v4L5.300 9.800h5.400L8.800 6.700v-4H7.200z"/></g></svg>'
});

/** Experiments and registered models: a section, a view of an experiment, a view of a model. */
export const experimentsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'olo-jupyter:experiments',
  description: 'Experiments, their runs and registered models.',
  autoStart: true,
  requires: [IOlo],
  activate: (_: JupyterFrontEnd, olo: IOlo) => {
    const { trans } = olo;
    const lists = new Set<Paged<never>>();
    olo.addSection({
      id: 'experiments',
      title: trans.__('Experiments'),
      icon: experimentIcon,
      rank: 50,
      render: () => React.createElement(ExperimentsSection, { lists }),
      refresh: () => lists.forEach(list => list.invalidate())
    });
    olo.registerView('experiment', {
      label: id => trans.__('Experiment %1', id),
      icon: experimentIcon,
      render: place => React.createElement(ExperimentView, { place })
    });
    olo.registerView('model', {
      label: name => name,
      icon: experimentIcon,
      render: place => React.createElement(ModelView, { place })
    });
  }
};
