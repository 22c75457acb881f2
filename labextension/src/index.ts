import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { catalogPlugin } from './catalog';
import { experimentsPlugin } from './experiments';
import { framePlugin } from './frame';
import { healthPlugin } from './health';
import { jobsPlugin } from './jobs';
import { presencePlugin } from './presence';
import { promotePlugin } from './promote';
import { lineagePlugin } from './lineage';
import { queriesPlugin } from './queries';
import { resultPlugin } from './result';
import { sqlCellsPlugin } from './sql-cells';
import { statusPlugin } from './status';
import { workspacesPlugin } from './workspaces';

/** One plugin a feature: each can be disabled alone (`jupyter labextension disable olo-jupyter:jobs`). */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  framePlugin,
  catalogPlugin,
  jobsPlugin,
  presencePlugin,
  lineagePlugin,
  queriesPlugin,
  healthPlugin,
  statusPlugin,
  experimentsPlugin,
  workspacesPlugin,
  resultPlugin,
  promotePlugin,
  sqlCellsPlugin
];

export default plugins;
