import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import * as React from 'react';

import { HEALTH_CHANGED, JOBS_CHANGED, RUN_CHANGED } from '../frame/events';
import { icons } from '../frame/icons';
import { Resource } from '../frame/resource';
import { IOlo } from '../frame/tokens';
import type { IHealth } from './answers';
import { HealthSection } from './section';

/** The state of every service, what failed of late, counts. */
export const healthPlugin: JupyterFrontEndPlugin<void> = {
  id: 'olo-jupyter:health',
  description: 'The state of every service and what failed of late.',
  autoStart: true,
  requires: [IOlo],
  activate: (_app: JupyterFrontEnd, olo: IOlo) => {
    const health = new Resource(() => olo.api.get<IHealth>('health'));
    olo.events.follow(health, [HEALTH_CHANGED, JOBS_CHANGED]);
    // A run is told of at every task: only its end changes what is counted.
    olo.events.follow(health, [RUN_CHANGED], ({ run }) => (run as { state?: string } | undefined)?.state !== 'running');
    olo.addSection({
      id: 'home',
      title: olo.trans.__('Overview'),
      icon: icons['health']!,
      rank: 10,
      render: () => React.createElement(HealthSection, { health }),
      refresh: () => void health.load()
    });
  }
};
