import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import * as React from 'react';

import { CATALOG_CHANGED, JOBS_CHANGED, RUN_CHANGED } from '../frame/events';
import { icons } from '../frame/icons';
import { Resource } from '../frame/resource';
import { IOlo } from '../frame/tokens';
import type { IJob, IRun } from './answers';
import { JobsView } from './jobs-view';
import { RunsModel } from './runs';
import { RunsView } from './runs-view';

/** The sections with jobs and runs. */
export const jobsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'olo-jupyter:jobs',
  description: "The project's jobs and their runs.",
  autoStart: true,
  requires: [IOlo],
  activate: (app: JupyterFrontEnd, olo: IOlo) => {
    const { api, events, trans } = olo;
    const jobs = new Resource(async () => (await api.get<{ jobs: IJob[] }>('jobs')).jobs);
    const runs = new RunsModel(api);
    const project = ({ catalog }: Record<string, unknown>): boolean => catalog === '';
    events.follow(jobs, [JOBS_CHANGED]);
    events.follow(jobs, [CATALOG_CHANGED], project);
    events.follow(runs, [CATALOG_CHANGED], project);
    events.on<{ run: IRun }>(RUN_CHANGED, ({ run }) => runs.apply(run));

    const open = (job: IJob): void => {
      if (job.path) {
        void app.commands.execute('docmanager:open', { path: job.path });
      }
    };
    olo.addSection({
      id: 'jobs',
      title: trans.__('Jobs'),
      icon: icons['history']!,
      rank: 30,
      open: true,
      render: () => React.createElement(JobsView, { model: jobs, open }),
      refresh: () => void jobs.load()
    });
    olo.addSection({
      id: 'runs',
      title: trans.__('Runs'),
      icon: icons['history']!,
      rank: 31,
      open: true,
      render: () => React.createElement(RunsView, { model: runs }),
      refresh: () => void runs.load()
    });
  }
};
