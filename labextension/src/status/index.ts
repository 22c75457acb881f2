import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification, ReactWidget } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { IRunningSessionManagers } from '@jupyterlab/running';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';

import { stateIcons } from '../frame/icons';
import { IOlo } from '../frame/tokens';
import { FailedRuns } from './item';
import { IRunNotice, openRun, RecentRuns } from './model';

const ID = 'olo-jupyter:status';

/** What tells of runs outside the panel: the status bar, the running panel, notifications, the launcher. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Failed runs in the status bar, runs in the running panel, notifications, a launcher card.',
  autoStart: true,
  requires: [IOlo],
  optional: [IStatusBar, IRunningSessionManagers, ILauncher, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    olo: IOlo,
    statusBar: IStatusBar | null,
    running: IRunningSessionManagers | null,
    launcher: ILauncher | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const { trans } = olo;
    let notify = true;
    const tell = (run: IRunNotice): void => {
      if (notify) {
        Notification.error(trans.__('%1 failed on %2. %3', run.job, run.target, run.message).trim(), {
          autoClose: false,
          actions: [{ label: trans.__('Open the run'), callback: () => openRun(olo, run) }]
        });
      }
    };
    const runs = new RecentRuns(olo.api, olo.events, tell);
    // After Lab is there: the first answer must not make its start slower.
    void app.restored.then(() => runs.hold());

    statusBar?.registerStatusItem(ID, {
      item: ReactWidget.create(React.createElement(FailedRuns, { runs, olo })),
      align: 'left',
      rank: 100
    });
    running?.add({
      name: trans.__('OLO Runs'),
      supportsMultipleViews: false,
      running: () =>
        runs.running.map(run => ({
          open: () => openRun(olo, run),
          icon: () => stateIcons['running']!,
          label: () => run.job,
          labelTitle: () => trans.__('%1 on %2', run.job, run.target),
          detail: () => run.target
        })),
      refreshRunning: () => void runs.load(),
      runningChanged: runs.changed,
      // Runs go on without this page: they are cancelled in their own view, where one sees what that does.
      shutdownAll: () => undefined,
      shutdownLabel: trans.__('Open')
    });
    // By JupyterLab's own name of that category: under another one, the card would stand alone.
    const category = (translator ?? nullTranslator).load('jupyterlab').__('Other');
    launcher?.add({ command: 'olo:show-panel', category, rank: 10 });

    void settings?.load(ID).then(loaded => {
      const read = (): void => void (notify = loaded.get('notifyFailures').composite as boolean);
      loaded.changed.connect(read);
      read();
    });
  }
};
