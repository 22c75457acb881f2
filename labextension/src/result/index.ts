import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IThemeManager } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { DOMAIN } from '../frame/translation';
import { MIME_TYPE } from './bundle';
import { ResultRenderer } from './renderer';
import { rowsOfKernel } from './whole';

/** Draws results of `%%olo sql` cells as grids. */
export const resultPlugin: JupyterFrontEndPlugin<void> = {
  id: 'olo-jupyter:result',
  description: 'Draws results of %%olo sql cells as grids.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [IThemeManager, ITranslator, INotebookTracker],
  activate: (
    _app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    themes: IThemeManager | null,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const more = notebooks && rowsOfKernel(notebooks);
    rendermime.addFactory(
      // Values are painted or become text nodes, so the renderer is safe in notebooks that are not trusted.
      {
        safe: true,
        mimeTypes: [MIME_TYPE],
        defaultRank: 0,
        createRenderer: () => new ResultRenderer(trans, themes, more)
      },
      0
    );
  }
};
