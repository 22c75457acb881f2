import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { panelPlugin } from './panel';
import { resultPlugin } from './result';
import { sqlCellsPlugin } from './sql-cells';

const plugins: JupyterFrontEndPlugin<unknown>[] = [resultPlugin, panelPlugin, sqlCellsPlugin];

export default plugins;
