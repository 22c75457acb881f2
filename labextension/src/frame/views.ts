import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { linkIcon, Toolbar, ToolbarButton } from '@jupyterlab/ui-components';
import type { JSONObject } from '@lumino/coreutils';
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import type { IOlo, IViewKind, IViewPlace, ViewArgs } from './tokens';
import { OloWidget } from './widget';

/** The command that opens a view: what the layout is restored by. */
export const OPEN_VIEW = 'olo:open-view';

/** The main-area views that are open, by kind and id. */
export class Views {
  constructor(
    private readonly olo: IOlo,
    private readonly shell: JupyterFrontEnd.IShell
  ) {}

  readonly tracker = new WidgetTracker<View>({ namespace: 'olo-view' });

  register(kind: string, view: IViewKind): IDisposable {
    this.#kinds.set(kind, view);
    return new DisposableDelegate(() => void this.#kinds.delete(kind));
  }

  open(kind: string, id: string, args: ViewArgs = {}): View | null {
    const known = this.#kinds.get(kind);
    if (!known) {
      return null;
    }
    let view = this.tracker.find(other => other.place.kind === kind && other.place.id === id) ?? null;
    if (view) {
      view.place.setArgs(args);
    } else {
      const place = new Place(kind, id, args);
      view = new View(this.olo, known, place);
      place.argsChanged.connect(() => view && void this.tracker.save(view));
      void this.tracker.add(view);
      this.shell.add(view, 'main', { type: 'OLO' });
    }
    this.shell.activateById(view.id);
    return view;
  }

  /** Open again what was open. Called once all features have said which kinds there are. */
  restore(restorer: ILayoutRestorer): void {
    void restorer.restore(this.tracker, {
      command: OPEN_VIEW,
      args: ({ place }) => ({ kind: place.kind, id: place.id, args: place.args }) as JSONObject,
      name: ({ place }) => `${place.kind}:${place.id}`
    });
  }

  readonly #kinds = new Map<string, IViewKind>();
}

class Place implements IViewPlace {
  constructor(
    readonly kind: string,
    readonly id: string,
    args: ViewArgs
  ) {
    this.#args = args;
  }

  get args(): Readonly<ViewArgs> {
    return this.#args;
  }

  get argsChanged(): ISignal<IViewPlace, void> {
    return this.#argsChanged;
  }

  get labelChanged(): ISignal<IViewPlace, string> {
    return this.#labelChanged;
  }

  setArgs(args: ViewArgs): void {
    const changed = Object.entries(args).filter(([name, value]) => (this.#args[name] ?? '') !== value);
    if (changed.length) {
      this.#args = Object.fromEntries(Object.entries({ ...this.#args, ...args }).filter(([, value]) => value !== ''));
      this.#argsChanged.emit();
    }
  }

  setLabel(label: string): void {
    this.#labelChanged.emit(label);
  }

  readonly #argsChanged = new Signal<IViewPlace, void>(this);
  readonly #labelChanged = new Signal<IViewPlace, string>(this);
  #args: ViewArgs;
}

class View extends MainAreaWidget<OloWidget> {
  constructor(
    olo: IOlo,
    kind: IViewKind,
    readonly place: Place
  ) {
    const content = new OloWidget(olo, kind.render(place));
    content.addClass('olo-View');
    super({ content });
    this.id = `olo-view:${place.kind}:${place.id}`;
    this.title.label = kind.label(place.id);
    this.title.caption = this.title.label;
    this.title.icon = kind.icon;
    this.title.closable = true;
    place.labelChanged.connect((_, label) => {
      this.title.label = this.title.caption = label;
    });
    this.toolbar.addItem('spacer', Toolbar.createSpacerItem());
    this.toolbar.addItem(
      'link',
      new ToolbarButton({
        icon: linkIcon,
        tooltip: olo.trans.__('Copy the link to this view'),
        onClick: () => olo.copy(olo.link(place.kind, place.id, place.args))
      })
    );
  }
}
