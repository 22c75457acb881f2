import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { IStanding } from './answers';

/** The person's promotions, and the view that makes one. */
export interface IPromotions {
  /** As far as they are known; read when a notebook is first looked at. */
  readonly known: readonly IStanding[];
  readonly changed: ISignal<unknown, void>;
  /** Open the view for a promotion that there is. */
  open(name: string): void;
  /** Open the view for a cell: the promotion that it went into, or a new one. */
  openCell(notebook: string, cell: string, suggested: string): void;
}

export const IPromotions = new Token<IPromotions>(
  'olo-jupyter:IPromotions',
  'The promotions of the person: where each stands, and the view that makes one.'
);
