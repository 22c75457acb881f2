import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';

import { IOlo } from '../frame/tokens';
import { Presence } from './presence';

/**
 * Under a JupyterHub: tells the server that somebody is here. What open pages ask by themselves counts for nothing, so
 * that a forgotten tab doesn't keep a server for ever.
 */
export const presencePlugin: JupyterFrontEndPlugin<void> = {
  id: 'olo-jupyter:presence',
  description: 'Tells a JupyterHub that somebody is at the page.',
  autoStart: true,
  requires: [IOlo],
  activate: (_app: JupyterFrontEnd, olo: IOlo) => {
    if (PageConfig.getOption('hubUser')) {
      const presence = new Presence(() => olo.api.post('presence'));
      for (const kind of ['keydown', 'pointerdown', 'wheel']) {
        document.addEventListener(kind, () => presence.noticed(), { capture: true, passive: true });
      }
    }
  }
};
