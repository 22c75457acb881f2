import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { catalogPlugin } from './catalog';
import { framePlugin } from './frame';
import { jobsPlugin } from './jobs';
import { presencePlugin } from './presence';
import { promotePlugin } from './promote';
import { lineagePlugin } from './lineage';
import { resultPlugin } from './result';
import { sqlCellsPlugin } from './sql-cells';

/** One plugin a feature: each can be disabled alone (`jupyter labextension disable olo-jupyter:jobs`). */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  framePlugin,
  catalogPlugin,
  jobsPlugin,
  presencePlugin,
  lineagePlugin,
  resultPlugin,
  promotePlugin,
  sqlCellsPlugin
];

export default plugins;
