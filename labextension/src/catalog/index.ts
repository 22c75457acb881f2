import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import * as React from 'react';

import { CATALOG_CHANGED } from '../frame/events';
import { icons } from '../frame/icons';
import { insertText } from '../frame/notebook';
import { IOlo, splitId } from '../frame/tokens';
import { TableActions } from './actions';
import { catalogTree } from './nodes';
import { CatalogSection } from './section';
import type { INode } from './tree';

const TableView = React.lazy(async () => ({ default: (await import('./table-view')).TableView }));
const DiffView = React.lazy(async () => ({ default: (await import('./diff-view')).DiffView }));

const ID = 'olo-jupyter:catalog';

const CommandIDs = {
  refresh: 'olo:refresh-catalog',
  open: 'olo:open-table',
  query: 'olo:query-in-new-cell',
  insert: 'olo:insert-name',
  copy: 'olo:copy-name'
};

/** The catalog: its tree in the left panel. */
export const catalogPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Catalogs, tables, their snapshots.',
  autoStart: true,
  requires: [IOlo, INotebookTracker],
  optional: [ICommandPalette, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    olo: IOlo,
    notebooks: INotebookTracker,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null
  ) => {
    const { trans } = olo;
    let chosen: INode | null = null;
    let limit = 100;

    const tables = new TableActions(olo, notebooks, () => limit);
    const query = (node: INode): void => void (node.from && tables.query(node.from));
    const open = (node: INode): void => void (node.view && olo.open('table', node.view));
    const copy = (node: INode): void => olo.copy(node.sqlName ?? node.label);
    const tree = catalogTree(olo.api, trans);
    olo.events.on<{ catalog: string }>(CATALOG_CHANGED, ({ catalog }) =>
      catalog ? void tree.loadRoot(catalog) : tree.invalidate()
    );
    olo.events.follow(tree, []);
    olo.addSection({
      id: 'catalog',
      title: trans.__('Catalog'),
      icon: icons['catalog']!,
      rank: 20,
      open: true,
      render: () =>
        React.createElement(CatalogSection, { tree, actions: { copy, query, open, choose: node => (chosen = node) } }),
      refresh: () => void tree.load()
    });

    const named = (id: string): string => splitId(id)[2] ?? id;
    olo.registerView('table', {
      icon: icons['table']!,
      label: named,
      render: place => React.createElement(TableView, { place, actions: tables })
    });
    olo.registerView('table-diff', {
      icon: icons['history']!,
      label: id => trans.__('Changes of %1', named(id)),
      render: place => React.createElement(DiffView, { place })
    });

    const { commands } = app;
    const describedBy = { args: { type: 'object' as const, properties: {} } };
    commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Refresh the Catalog'),
      describedBy,
      execute: () => tree.load()
    });
    commands.addCommand(CommandIDs.open, {
      label: trans.__('Open Table'),
      describedBy,
      isEnabled: () => !!chosen?.view,
      execute: () => chosen && open(chosen)
    });
    commands.addCommand(CommandIDs.query, {
      label: trans.__('Query in New Cell'),
      describedBy,
      isEnabled: () => !!chosen?.from,
      execute: () => chosen && query(chosen)
    });
    commands.addCommand(CommandIDs.insert, {
      label: trans.__('Insert Name into Cell'),
      describedBy,
      isEnabled: () => !!chosen?.sqlName && notebooks.activeCell !== null,
      execute: () => {
        const name = chosen?.sqlName;
        if (name && !insertText(notebooks, name)) {
          olo.copy(name);
        }
      }
    });
    commands.addCommand(CommandIDs.copy, {
      label: trans.__('Copy Name'),
      describedBy,
      isEnabled: () => !!chosen,
      execute: () => chosen && copy(chosen)
    });
    palette?.addItem({ command: CommandIDs.refresh, category: 'OLO' });

    void settings?.load(ID).then(loaded => {
      const read = (): void => void (limit = loaded.get('rows').composite as number);
      loaded.changed.connect(read);
      read();
    });
  }
};
