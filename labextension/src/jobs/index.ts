import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import * as React from 'react';

import { icons } from '../frame/icons';
import { IOlo } from '../frame/tokens';
import { JobView } from './job-view';
import { JobsModel } from './model';
import { JobsSection } from './jobs-section';
import { RunView } from './run-view';
import { RunsSection } from './runs-section';
import { triggerRun } from './trigger';

const CommandIDs = { trigger: 'olo:run-job' };

/** Jobs and their runs: two sections, a view of a job, a view of a run. */
export const jobsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'olo-jupyter:jobs',
  description: "The project's jobs and their runs.",
  autoStart: true,
  requires: [IOlo],
  activate: (app: JupyterFrontEnd, olo: IOlo) => {
    const { trans } = olo;
    const model = new JobsModel(olo);
    const openFile = (path: string): void => void app.commands.execute('docmanager:open', { path });

    olo.addSection({
      id: 'jobs',
      title: trans.__('Jobs'),
      icon: icons['history']!,
      rank: 30,
      open: true,
      render: () => React.createElement(JobsSection, { model }),
      refresh: () => model.refresh()
    });
    olo.addSection({
      id: 'runs',
      title: trans.__('Runs'),
      icon: icons['history']!,
      rank: 31,
      open: true,
      render: () => React.createElement(RunsSection, { model }),
      refresh: () => model.refresh()
    });
    olo.registerView('job', {
      label: name => name,
      icon: icons['history']!,
      render: place => React.createElement(JobView, { model, place, openFile })
    });
    olo.registerView('run', {
      label: id => trans.__('Run %1', id.slice(0, 8)),
      icon: icons['history']!,
      render: place => React.createElement(RunView, { model, place })
    });
    app.commands.addCommand(CommandIDs.trigger, {
      label: trans.__('Run a Job…'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            job: { type: 'string', description: trans.__('Name of the job') },
            target: { type: 'string', description: trans.__('Where it runs; empty for this machine') }
          },
          required: ['job']
        }
      },
      execute: args => triggerRun(model, String(args['job']), String(args['target'] ?? ''))
    });
  }
};
