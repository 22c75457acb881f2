/** More rows of a result than the notebook's file keeps, from the kernel that still has them. */

import type { INotebookTracker } from '@jupyterlab/notebook';
import type { KernelMessage } from '@jupyterlab/services';

import type { IBundle } from './bundle';

const ROWS_TYPE = 'application/vnd.olo.rows+json';

/** Gives the rows of a result that is drawn in a node, as an Arrow stream in base64. */
export type MoreRows = (node: Node, bundle: IBundle) => Promise<string>;

/** Rows from the kernel of the notebook that a result stands in. */
export function rowsOfKernel(notebooks: INotebookTracker): MoreRows {
  return async (node, { provenance }) => {
    const kernel = notebooks.find(panel => panel.node.contains(node))?.sessionContext.session?.kernel;
    if (!kernel) {
      throw new Error('there is no kernel: run the cell again');
    }
    const texts = [provenance.queryId, provenance.fingerprint].map(text => JSON.stringify(text)).join(', ');
    // No name is left behind in the notebook; silent, since it is no run of it.
    const code = `__import__('olo_magics.whole', fromlist=['whole']).publish_rows(get_ipython(), ${texts})`;
    const future = kernel.requestExecute({ code, silent: true }, true);
    let answer: { preview?: string; failure?: string } = {};
    future.onIOPub = message => {
      if (message.header.msg_type === 'display_data') {
        const { data } = (message as KernelMessage.IDisplayDataMsg).content;
        answer = (data[ROWS_TYPE] as typeof answer | undefined) ?? answer;
      }
    };
    await future.done;
    if (answer.preview === undefined) {
      throw new Error(answer.failure ?? 'the kernel gave no rows: run the cell again');
    }
    return answer.preview;
  };
}
