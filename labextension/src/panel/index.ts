import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Api } from '../api';
import { DOMAIN } from '../translation';
import { listen } from './events';
import { insertQuery, insertText } from './notebook';
import { OloPanel } from './panel';
import type { INode } from './tree';

const ID = 'olo-jupyter:panel';

const CommandIDs = {
  show: 'olo:show-panel',
  refresh: 'olo:refresh-panel',
  query: 'olo:query-in-new-cell',
  insert: 'olo:insert-name',
  copy: 'olo:copy-name'
};

/** The left panel with catalog, jobs and runs. */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'The left panel with catalog, jobs and runs.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ILayoutRestorer, ICommandPalette, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    let chosen: INode | null = null;
    let limit = 100;

    const copy = (text: string): void => {
      Clipboard.copyToSystem(text);
      Notification.info(trans.__('Copied: %1', text), { autoClose: 2000 });
    };
    const query = (node: INode): void => {
      const statement = `SELECT *\nFROM ${node.from}\nLIMIT ${limit}`;
      if (node.from && !insertQuery(notebooks, statement)) {
        copy(statement);
      }
    };
    const panel = new OloPanel({
      api: new Api(app.serviceManager.serverSettings),
      actions: { copy: node => copy(node.sqlName ?? node.label), query, choose: node => (chosen = node) },
      openJob: job => job.path && void app.commands.execute('docmanager:open', { path: job.path }),
      translator: translator ?? nullTranslator,
      trans
    });
    listen(app.serviceManager.events, panel);

    const { commands } = app;
    commands.addCommand(CommandIDs.show, {
      label: trans.__('Show Catalog, Jobs and Runs'),
      execute: () => app.shell.activateById(panel.id)
    });
    commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Refresh Catalog, Jobs and Runs'),
      execute: () => panel.refresh()
    });
    commands.addCommand(CommandIDs.query, {
      label: trans.__('Query in New Cell'),
      isEnabled: () => !!chosen?.from,
      execute: () => chosen && query(chosen)
    });
    commands.addCommand(CommandIDs.insert, {
      label: trans.__('Insert Name into Cell'),
      isEnabled: () => !!chosen?.sqlName && notebooks.activeCell !== null,
      execute: () => {
        const name = chosen?.sqlName;
        if (name && !insertText(notebooks, name)) {
          copy(name);
        }
      }
    });
    commands.addCommand(CommandIDs.copy, {
      label: trans.__('Copy Name'),
      isEnabled: () => !!chosen,
      execute: () => chosen && copy(chosen.sqlName ?? chosen.label)
    });
    for (const command of [CommandIDs.show, CommandIDs.refresh]) {
      palette?.addItem({ command, category: trans.__('OLO') });
    }

    app.shell.add(panel, 'left', { rank: 300, type: 'OLO' });
    restorer?.add(panel, panel.id);

    void settings?.load(ID).then(loaded => {
      const read = (): void => void (limit = loaded.get('rows').composite as number);
      loaded.changed.connect(read);
      read();
    });
  }
};
