import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import type * as React from 'react';

import type { IApi } from './api';
import type { IEvents } from './events';

/** A section of the left panel. */
export interface ISection {
  /** Unique; also what `showSection` takes. */
  id: string;
  title: string;
  icon: LabIcon;
  /** Sections stand in the order of their ranks: home 10, catalog 20, jobs 30, lineage 40, experiments 50, queries 60, workspaces 65, promote 70. */
  rank: number;
  /** Open before the person said otherwise. */
  open?: boolean;
  /** What the section shows; called when it is first in sight. */
  render: () => React.JSX.Element;
  /** Read it again: makes a button in the section's head. */
  refresh?: () => void;
  /** More buttons in the section's head. */
  toolbar?: { name: string; widget: Widget }[];
}

/** What a view was opened with, beside its id. Restored with the layout, part of its link. */
export type ViewArgs = Record<string, string>;

/** One opened view, as its factory sees it. */
export interface IViewPlace {
  /** Names with a slash or a percent sign in them are joined by `joinId` and taken apart by `splitId`. */
  readonly id: string;
  readonly args: Readonly<ViewArgs>;
  /** The view was opened again with other arguments, or changed them itself. */
  readonly argsChanged: ISignal<IViewPlace, void>;
  /** Remember where the view is (its tab, its filter), over a reload and in its link; '' forgets a name. */
  setArgs(args: ViewArgs): void;
  /** The text of its tab, where that is only known later. */
  setLabel(label: string): void;
}

/** A kind of main-area view: a table, a run, a lineage graph. */
export interface IViewKind {
  label: (id: string) => string;
  icon: LabIcon;
  /** What the view shows. Import heavy parts dynamically inside (React.lazy). */
  render: (place: IViewPlace) => React.JSX.Element;
}

/** The frame that features stand in. */
export interface IOlo {
  readonly api: IApi;
  readonly events: IEvents;
  readonly trans: TranslationBundle;
  /** Add a section to the left panel. */
  addSection(section: ISection): IDisposable;
  /** Bring a section of the left panel to sight. */
  showSection(id: string): void;
  /** Say how views of a kind are made. */
  registerView(kind: string, view: IViewKind): IDisposable;
  /** Open a view in the main area, or bring the open one to the front. Kinds of features that are disabled do nothing. */
  open(kind: string, id: string, args?: ViewArgs): void;
  /** The address that opens a view: `…/lab?olo=kind/id`. */
  link(kind: string, id: string, args?: ViewArgs): string;
  /** Put a text on the clipboard and say so. */
  copy(text: string): void;
}

export const IOlo = new Token<IOlo>(
  'olo-jupyter:IOlo',
  'The frame of the OLO panels: the server, its events, sections of the left panel, views of the main area.'
);

/** Several names as one id: `joinId('dev', 'silver', 'a/b')` is `dev/silver/a%2Fb`. */
export function joinId(...names: string[]): string {
  return names.map(encodeURIComponent).join('/');
}

/** The names in an id. */
export function splitId(id: string): string[] {
  return id.split('/').map(decodeURIComponent);
}
