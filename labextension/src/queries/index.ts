import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import * as React from 'react';

import { icons } from '../frame/icons';
import { insertSource } from '../frame/notebook';
import { IOlo } from '../frame/tokens';
import { QueriesModel } from './model';
import { QueriesSection } from './section';

/** Saved queries and the history of statements. */
export const queriesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'olo-jupyter:queries',
  description: 'Saved queries and the history of statements.',
  autoStart: true,
  requires: [IOlo, INotebookTracker],
  activate: (app: JupyterFrontEnd, olo: IOlo, notebooks: INotebookTracker) => {
    const model = new QueriesModel(olo.api, olo.events);
    olo.addSection({
      id: 'queries',
      title: olo.trans.__('Queries'),
      icon: icons['query']!,
      rank: 60,
      render: () =>
        React.createElement(QueriesSection, {
          model,
          insert: cell => void (insertSource(notebooks, cell) || olo.copy(cell)),
          openFile: path => void app.commands.execute('docmanager:open', { path })
        }),
      refresh: () => model.refresh()
    });
  }
};
