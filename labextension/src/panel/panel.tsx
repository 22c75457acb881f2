import type { TranslationBundle } from '@jupyterlab/translation';
import type { ITranslator } from '@jupyterlab/translation';
import { PanelWithToolbar, ReactWidget, refreshIcon, SidePanel, ToolbarButton } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { AccordionPanel } from '@lumino/widgets';
import * as React from 'react';

import type { IApi, IJob } from '../api';
import { catalogTree } from './catalog';
import type { IListener } from './events';
import { panelIcon } from './icons';
import { JobsView } from './jobs-view';
import { ListModel } from './list';
import { RunsModel } from './runs';
import { RunsView } from './runs-view';
import type { TreeModel } from './tree';
import { ITreeActions, TreeView } from './tree-view';

export interface IPanelOptions {
  api: IApi;
  actions: ITreeActions;
  openJob: (job: IJob) => void;
  translator: ITranslator;
  trans: TranslationBundle;
}

/** The left panel: catalog, jobs, runs. It asks the server when it is first shown; then events keep it up to date. */
export class OloPanel extends SidePanel implements IListener {
  constructor({ api, actions, openJob, translator, trans }: IPanelOptions) {
    super({ translator });
    this.id = 'olo-jupyter:panel';
    this.addClass('olo-Panel');
    this.title.icon = panelIcon;
    this.title.caption = trans.__('OLO: catalog, jobs, runs');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.caption);
    this.catalog = catalogTree(api, trans);
    this.jobsList = new ListModel(() => api.jobs());
    this.runs = new RunsModel(api);

    const empty = trans.__('No catalogs. Open JupyterLab in a project, or start one with `olo init`.');
    this.#add(
      trans.__('Catalog'),
      <TreeView model={this.catalog} label={trans.__('Catalog')} empty={empty} actions={actions} trans={trans} />,
      () => this.catalog.load(),
      trans
    );
    this.#add(
      trans.__('Jobs'),
      <JobsView model={this.jobsList} trans={trans} open={openJob} />,
      () => this.jobsList.load(),
      trans
    );
    this.#add(trans.__('Runs'), <RunsView model={this.runs} trans={trans} />, () => this.runs.load(), trans);
    (this.content as AccordionPanel).setRelativeSizes([5, 2, 3]);
  }

  readonly catalog: TreeModel;
  readonly jobsList: ListModel<IJob>;
  readonly runs: RunsModel;

  /** Read everything again. */
  async refresh(): Promise<void> {
    await Promise.all([this.catalog.load(), this.jobsList.load(), this.runs.load()]);
  }

  run(run: Parameters<IListener['run']>[0]): void {
    this.runs.apply(run);
  }

  catalogChanged(name: string): void {
    if (this.catalog.started) {
      void this.catalog.loadRoot(name);
    }
  }

  projectChanged(): void {
    if (this.catalog.started) {
      void this.refresh();
    }
  }

  jobs(): void {
    if (this.jobsList.items) {
      void this.jobsList.load();
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      void this.refresh();
    }
  }

  /** What happened while the panel was hidden may have been missed (a socket that was down): ask when it is shown. */
  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.refresh();
  }

  #add(label: string, view: React.JSX.Element, refresh: () => Promise<void>, trans: TranslationBundle): void {
    const section = new PanelWithToolbar();
    section.addClass('olo-Panel-section');
    section.title.label = label;
    section.toolbar.addItem(
      'refresh',
      new ToolbarButton({ icon: refreshIcon, tooltip: trans.__('Refresh %1', label), onClick: () => void refresh() })
    );
    section.addWidget(ReactWidget.create(view));
    this.addWidget(section);
  }
}
