import { ILayoutRestorer, IRouter, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Api } from './api';
import { Events } from './events';
import { panelIcon } from './icons';
import { LINK, linkTo, parseLink, withoutLink } from './links';
import { LoginPrompt } from './login';
import { Sections } from './sections';
import { IOlo } from './tokens';
import { DOMAIN } from './translation';
import { OPEN_VIEW, Views } from './views';

const CommandIDs = { show: 'olo:show-panel', route: 'olo:route', openView: OPEN_VIEW };

/** The frame: the left panel's accordion, main-area views, links to them, the server and its events. */
export const framePlugin: JupyterFrontEndPlugin<IOlo> = {
  id: 'olo-jupyter:frame',
  description: 'The left panel and the views that the OLO features stand in.',
  autoStart: true,
  provides: IOlo,
  optional: [ILayoutRestorer, IRouter, ICommandPalette, IStateDB, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    restorer: ILayoutRestorer | null,
    router: IRouter | null,
    palette: ICommandPalette | null,
    state: IStateDB | null,
    translator: ITranslator | null
  ): IOlo => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const api = new Api(app.serviceManager.serverSettings);
    const events = new Events(app.serviceManager.events);
    const login = new LoginPrompt(trans, () => events.lost());
    api.loginExpired.connect(() => void login.ask());

    const olo: IOlo = {
      api,
      events,
      trans,
      addSection: section => panel.add(section),
      showSection: id => {
        app.shell.activateById(panel.id);
        panel.open(id);
      },
      registerView: (kind, view) => views.register(kind, view),
      open: (kind, id, args = {}) => void views.open(kind, id, args),
      link: (kind, id, args = {}) => linkTo({ kind, id, args }),
      copy: text => {
        Clipboard.copyToSystem(text);
        Notification.info(trans.__('Copied: %1', shortened(text)), { autoClose: 2000 });
      }
    };
    const panel = new Sections({ olo, translator: translator ?? nullTranslator, state });
    const views = new Views(olo, app.shell);

    const { commands } = app;
    commands.addCommand(CommandIDs.show, {
      label: trans.__('Show the OLO Panel'),
      caption: trans.__('Catalog, jobs, lineage, experiments and queries'),
      icon: panelIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: { section: { type: 'string', description: trans.__('The section to open, such as catalog') } }
        }
      },
      execute: args => {
        app.shell.activateById(panel.id);
        if (typeof args['section'] === 'string') {
          panel.open(args['section']);
        }
      }
    });
    commands.addCommand(CommandIDs.openView, {
      label: trans.__('Open an OLO View'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            kind: { type: 'string', description: trans.__('What to open: table, run, job, …') },
            id: { type: 'string', description: trans.__('Which one, as in its link') },
            args: { type: 'object', additionalProperties: { type: 'string' } }
          },
          required: ['kind', 'id']
        }
      },
      execute: args => views.open(String(args['kind']), String(args['id']), (args['args'] ?? {}) as never)
    });
    palette?.addItem({ command: CommandIDs.show, category: 'OLO' });

    app.shell.add(panel, 'left', { rank: 300, type: 'OLO' });
    restorer?.add(panel, panel.id);
    void panel.restore();
    if (restorer) {
      views.restore(restorer);
    }
    if (router) {
      commands.addCommand(CommandIDs.route, {
        label: trans.__('Open the View that the Address Names'),
        describedBy: { args: { type: 'object', properties: { search: { type: 'string' } } } },
        execute: args => {
          const link = parseLink((args as unknown as IRouter.ILocation).search ?? '');
          // Not awaited: the layout is restored only when all routes are done.
          void app.restored.then(() => {
            if (link && !views.open(link.kind, link.id, link.args)) {
              Notification.warning(trans.__('This JupyterLab has nothing that opens %1.', `${link.kind}/${link.id}`));
            }
            // As the address is by now: Lab has taken its own words (reset) away, and a reload must not do them again.
            const { path, search = '', hash = '' } = router.current;
            router.navigate(path + withoutLink(search) + hash, { skipRouting: true });
          });
        }
      });
      router.register({ command: CommandIDs.route, pattern: LINK, rank: 25 });
    }
    return olo;
  }
};

function shortened(text: string): string {
  const line = text.split('\n', 1)[0]!;
  return line === text && line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}
