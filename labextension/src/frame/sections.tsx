import type { IStateDB } from '@jupyterlab/statedb';
import type { ITranslator } from '@jupyterlab/translation';
import { PanelWithToolbar, refreshIcon, SidePanel, ToolbarButton } from '@jupyterlab/ui-components';
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import type { AccordionPanel, Widget } from '@lumino/widgets';

import { panelIcon } from './icons';
import type { IOlo, ISection } from './tokens';
import { OloWidget } from './widget';

/** The left panel: one section a feature. Which are open is remembered. */
export class Sections extends SidePanel {
  constructor(options: { olo: IOlo; translator: ITranslator; state: IStateDB | null }) {
    super({ translator: options.translator });
    this.#olo = options.olo;
    this.#state = options.state;
    const { trans } = options.olo;
    this.id = 'olo-jupyter:panel';
    this.addClass('olo-Panel');
    this.title.icon = panelIcon;
    this.title.caption = trans.__('OLO: catalog, jobs, lineage');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.caption);
    this.accordion.expansionToggled.connect((_, index) => {
      const section = this.accordion.widgets[index] as Section;
      if (!this.#quiet && !section.isHidden) {
        this.#last = section;
      }
      this.#makeRoom(section);
      void this.#remember();
    });
  }

  get accordion(): AccordionPanel {
    return this.content as AccordionPanel;
  }

  /** Use what was remembered of another day, for the sections there are and those to come. */
  async restore(): Promise<void> {
    const saved = (await this.#state?.fetch(STATE)) as Record<string, boolean> | undefined;
    this.#opened = { ...saved };
    this.#sections.forEach(section => this.#expand(section, this.#opened[section.of.id] ?? !!section.of.open));
  }

  add(of: ISection): IDisposable {
    const section = new Section(this.#olo, of);
    const index = this.#sections.findIndex(other => other.of.rank > of.rank);
    const place = index < 0 ? this.#sections.length : index;
    this.#sections.splice(place, 0, section);
    this.insertWidget(place, section);
    this.#expand(section, this.#opened[of.id] ?? !!of.open);
    return new DisposableDelegate(() => {
      this.#sections.splice(this.#sections.indexOf(section), 1);
      section.dispose();
    });
  }

  /** Open a section. */
  open(id: string): void {
    const section = this.#sections.find(({ of }) => of.id === id);
    if (section) {
      this.#expand(section, true);
      this.#makeRoom(section);
      void this.#remember();
    }
  }

  /** A panel that got lower (another window, another zoom) has room for fewer sections. */
  protected override onResize(message: Widget.ResizeMessage): void {
    super.onResize(message);
    if (message.height >= 0) {
      this.toggleClass('olo-mod-low', message.height < LOW);
      this.accordion.titleSpace = this.#head(message.height);
    }
    if (this.#last && message.height >= 0 && message.height < this.#height) {
      this.#makeRoom(this.#last);
    }
    this.#height = message.height;
  }

  #expand(section: Section, open: boolean): void {
    if (open) {
      this.#last = section;
    }
    const index = this.accordion.widgets.indexOf(section);
    this.#quiet = true;
    if (open) {
      this.accordion.expand(index);
    } else {
      this.accordion.collapse(index);
    }
    this.#quiet = false;
  }

  /** A section that a person opens is worth nothing as a sliver: the others close, from the far end, until it has room. */
  #makeRoom(opened: Section): void {
    if (this.#quiet || opened.isHidden) {
      return;
    }
    const heads = this.#sections.length * this.#head(this.node.clientHeight);
    const others = this.#sections.filter(section => section !== opened && !section.isHidden);
    while (others.length && (this.node.clientHeight - heads) / (others.length + 1) < ROOM) {
      this.#expand(others.pop()!, false);
    }
    // Lumino opens a section at the size it had last, which is nothing the first time.
    this.accordion.setRelativeSizes(this.accordion.widgets.map(section => (section.isHidden ? 0 : 1)));
  }

  /** The height of a section's head: where all of them would leave no room for what is in one, they are lower. */
  #head(height: number): number {
    return height < LOW ? LOW_HEAD : HEAD;
  }

  async #remember(): Promise<void> {
    if (this.#quiet) {
      return;
    }
    for (const section of this.#sections) {
      this.#opened[section.of.id] = !section.isHidden;
    }
    await this.#state?.save(STATE, this.#opened);
  }

  readonly #olo: IOlo;
  readonly #state: IStateDB | null;
  readonly #sections: Section[] = [];
  #opened: Record<string, boolean> = {};
  #quiet = false;
  /** The section that was opened last. */
  #last: Section | null = null;
  #height = 0;
}

const STATE = 'olo-jupyter:sections';
/** Height of a section's head, also in a panel lower than LOW, and the least height of an open section, px. */
const HEAD = 32;
const LOW_HEAD = 22;
const LOW = 480;
const ROOM = 160;

/** A section; what it shows is made when it is first in sight. */
class Section extends PanelWithToolbar {
  constructor(
    private readonly olo: IOlo,
    readonly of: ISection
  ) {
    super();
    this.addClass('olo-Panel-section');
    this.title.label = of.title;
    this.title.icon = of.icon;
    for (const { name, widget } of of.toolbar ?? []) {
      this.toolbar.addItem(name, widget);
    }
    if (of.refresh) {
      const tooltip = olo.trans.__('Refresh %1', of.title);
      this.toolbar.addItem('refresh', new ToolbarButton({ icon: refreshIcon, tooltip, onClick: of.refresh }));
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.#make();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.#make();
  }

  #make(): void {
    if (!this.#made && this.isVisible) {
      this.#made = true;
      this.addWidget(new OloWidget(this.olo, this.of.render()));
    }
  }

  #made = false;
}
