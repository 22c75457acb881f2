/** `%%olo promote NAME --json` in a notebook's kernel: it alone knows what ran and what came out. */

import { PageConfig } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { KernelMessage } from '@jupyterlab/services';

import type { IOutcome } from './answers';

const PROGRESS_TYPE = 'application/vnd.olo.promote+json';

export interface IWanted {
  name: string;
  /** Variable or cell id; '' for the notebook's own promoting cell, or the variable of that name. */
  from: string;
  /** What the body of the cell may hold; null for what the notebook's own promoting cell says. */
  options: Record<string, unknown> | null;
  plan: boolean;
  openPullRequest: boolean;
  verify: boolean;
}

/** The kernel refused, with what to do. */
export class PromoteError extends Error {
  constructor(
    message: string,
    readonly details: string
  ) {
    super(message);
  }
}

/**
 * Python for the kernel. JSON's texts are Python's, and YAML's too.
 *
 * @param server - Where this browser reaches the server: the links that come back count from there.
 */
export function pythonCode(wanted: IWanted, server: string): string {
  const flags = [
    wanted.from && `--from ${quoted(wanted.from)}`,
    wanted.plan && '--plan',
    wanted.openPullRequest && !wanted.plan && '--open-pr',
    !wanted.verify && !wanted.plan && '--no-verify',
    '--json'
  ].filter(Boolean);
  const line = `promote ${quoted(wanted.name)} ${flags.join(' ')}`;
  const body = wanted.options ? JSON.stringify(wanted.options) : '\n';
  return [
    `__import__('os').environ['OLO_SERVER_URL'] = ${JSON.stringify(server)}`,
    `get_ipython().extension_manager.load_extension('olo_magics')`,
    `get_ipython().run_cell_magic('olo', ${JSON.stringify(line)}, ${JSON.stringify(body)})`
  ].join('\n');
}

/** As the line's own words are taken apart: like a shell's. */
function quoted(word: string): string {
  return /^[\w.#-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/**
 * Save the notebook, then promote from its kernel.
 *
 * @param onStep - Told what happens now.
 * @throws PromoteError where there is no kernel, or the kernel refuses.
 */
export async function runPromotion(
  panel: NotebookPanel,
  wanted: IWanted,
  onStep: (step: string) => void
): Promise<IOutcome> {
  const kernel = panel.sessionContext.session?.kernel;
  if (!kernel) {
    throw new PromoteError('The notebook has no kernel.', 'Start one, then try again.');
  }
  // The cells that are promoted are those of the file.
  if (panel.context.model.dirty) {
    await panel.context.save();
  }
  let outcome: IOutcome | null = null;
  // Silent: it is no run of the notebook, and must not count as one.
  const future = kernel.requestExecute(
    { code: pythonCode(wanted, PageConfig.getBaseUrl()), silent: true, stop_on_error: false },
    true
  );
  let refusal: KernelMessage.IErrorMsg['content'] | null = null;
  future.onIOPub = message => {
    const type = message.header.msg_type;
    if (type === 'display_data') {
      const data = (message as KernelMessage.IDisplayDataMsg).content.data[PROGRESS_TYPE] as
        { step?: string; promotion?: IOutcome } | undefined;
      if (data?.step) {
        onStep(data.step);
      }
      outcome = data?.promotion ?? outcome;
    } else if (type === 'error') {
      refusal = (message as KernelMessage.IErrorMsg).content;
    }
  };
  const reply = await future.done;
  if (outcome) {
    return outcome;
  }
  const content = reply.content as KernelMessage.IReplyErrorContent;
  const said = (refusal as KernelMessage.IErrorMsg['content'] | null) ?? content;
  if (said.ename === 'KeyboardInterrupt') {
    throw new PromoteError('Cancelled.', 'Nothing was published.');
  }
  throw new PromoteError(
    said.evalue || 'The kernel gave no answer.',
    said.ename === 'CellError'
      ? said.traceback.slice(1).join('\n').trim()
      : 'It must be a Python kernel of the environment that has olo-jupyter.'
  );
}
