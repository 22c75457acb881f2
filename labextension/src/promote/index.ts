import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import type { ICodeCellModel } from '@jupyterlab/cells';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import { Resource } from '../frame/resource';
import { IOlo, ViewArgs } from '../frame/tokens';
import { resultOf } from '../sql-cells/head';
import type { IPromoteForm, IStanding, IStandings } from './answers';
import { keepStates } from './cell-state';
import { promoteIcon } from './icon';
import { PromotionModel } from './model';
import { Promotions } from './standing-view';
import { IPromotions } from './tokens';

const KIND = 'promotion';
const PROMOTION_CHANGED = 'urn:olo-jupyter:promotion-changed:v1';
/** The id of a view whose promotion has no name yet. */
const NEW = 'new';

const CommandIDs = { promote: 'olo:promote-cell' };

/** Promotions: their section, their view, the marks of promoted cells. */
export const promotePlugin: JupyterFrontEndPlugin<IPromotions> = {
  id: 'olo-jupyter:promote',
  description: 'Promote cells: plan, files, findings, proof, pull request.',
  autoStart: true,
  requires: [IOlo, INotebookTracker, IEditorLanguageRegistry],
  optional: [ICommandPalette],
  provides: IPromotions,
  activate: (
    app: JupyterFrontEnd,
    olo: IOlo,
    notebooks: INotebookTracker,
    languages: IEditorLanguageRegistry,
    palette: ICommandPalette | null
  ): IPromotions => {
    const { api, events, trans } = olo;
    // The section asks the Git host; marks of cells make do with what this machine knows.
    const standings = new Resource(() => api.get<IStandings>('promotions', { host: true }));
    const local = new Resource(() => api.get<IStandings>('promotions'));
    const form = new Resource(() => api.get<IPromoteForm>('promote/form'));
    const changed = new Signal<unknown, void>({});
    const known = (): readonly IStanding[] => (standings.value ?? local.value)?.promotions ?? [];
    [standings, local].forEach(resource => resource.changed.connect(() => changed.emit()));
    const keep = (panel: NotebookPanel): void =>
      keepStates(panel, known(), standings.value !== null && !standings.value.unasked);
    changed.connect(() => notebooks.forEach(panel => panel.context.isReady && keep(panel)));
    events.on<{ promotion: IStanding }>(PROMOTION_CHANGED, ({ promotion }) =>
      standings.update(told => ({
        ...told,
        promotions: told.promotions.map(each => (each.name === promotion.name ? promotion : each))
      }))
    );
    const refresh = (): void => {
      standings.invalidate();
      void local.load();
    };
    // Whether cells have changed since their promotion is known of the notebook's file: it is looked at when that is saved.
    notebooks.widgetAdded.connect((_, panel) => {
      void local.load();
      void panel.context.ready.then(() => keep(panel));
      panel.context.saveState.connect((__, state) => state === 'completed' && refresh());
    });

    const reveal = async (path: string, cell: string, line: number | null): Promise<void> => {
      const panel = (await app.commands.execute('docmanager:open', { path })) as NotebookPanel | undefined;
      const { content } = panel ?? {};
      const index = content?.widgets.findIndex(widget => widget.model.id === cell) ?? -1;
      if (!content || index < 0) {
        return;
      }
      content.activeCellIndex = index;
      await content.scrollToItem(index, 'smart');
      const editor = content.widgets[index]!.editor;
      if (line !== null && editor) {
        content.mode = 'edit';
        editor.setCursorPosition({ line: line - 1, column: 0 });
        editor.focus();
      }
    };

    const models = new Map<string, PromotionModel>();
    const modelFor = (id: string, args: Readonly<ViewArgs>): PromotionModel => {
      const standing = known().find(({ name }) => name === id);
      const notebook = args['notebook'] ?? standing?.path ?? '';
      const from = args['from'] ?? standing?.cells.at(-1)?.id ?? '';
      const key = `${id}\n${notebook}\n${from}`;
      let model = models.get(key);
      if (!model) {
        model = new PromotionModel(notebooks, notebook, from, id === NEW ? '' : id, refresh);
        models.set(key, model);
      }
      return model;
    };
    const View = React.lazy(async () => ({ default: (await import('./view')).PromotionView }));
    olo.registerView(KIND, {
      label: id => (id === NEW ? trans.__('Promote') : trans.__('Promote %1', id)),
      icon: promoteIcon,
      render: place =>
        React.createElement(
          React.Suspense,
          { fallback: null },
          React.createElement(View, {
            place,
            modelFor: () => modelFor(place.id, place.args),
            form,
            languages,
            standings,
            openNotebook: path => void app.commands.execute('docmanager:open', { path }),
            notebookOpened: notebooks.widgetAdded,
            reveal: (path, cell, line) => void reveal(path, cell, line)
          })
        )
    });
    olo.addSection({
      id: 'promote',
      title: trans.__('Promotions'),
      icon: promoteIcon,
      rank: 70,
      render: () => React.createElement(Promotions, { standings, open: (name: string) => open(name) }),
      refresh: () => void standings.load()
    });

    const open = (name: string): void => {
      const standing = known().find(each => each.name === name);
      olo.open(KIND, name, standing ? { notebook: standing.path } : {});
    };
    const openCell = (notebook: string, cell: string, suggested: string): void => {
      const standing = known().find(each => each.cells.at(-1)?.id === cell);
      const id = standing?.name ?? (suggested || NEW);
      modelFor(id, { notebook, from: cell }).begin(id === NEW ? '' : id);
      olo.open(KIND, id, { notebook, from: cell });
    };
    app.commands.addCommand(CommandIDs.promote, {
      label: trans.__('Promote Cell…'),
      describedBy: { args: { type: 'object', additionalProperties: false } },
      isEnabled: () => notebooks.activeCell?.model.type === 'code',
      execute: () => {
        const cell = notebooks.activeCell?.model as ICodeCellModel | undefined;
        if (cell?.type === 'code') {
          const [head] = cell.sharedModel.getSource().split('\n', 1);
          openCell(notebooks.currentWidget?.context.path ?? '', cell.id, resultOf(head ?? ''));
        }
      }
    });
    palette?.addItem({ command: CommandIDs.promote, category: trans.__('OLO') });
    return {
      get known() {
        return known();
      },
      changed,
      open,
      openCell
    };
  }
};
