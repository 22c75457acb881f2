/** Where a cell's promotion stands, kept in the cell's own metadata: whoever has the notebook alone can read it. */

import type { ICellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { JSONExt, PartialJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IStanding } from './answers';

const KEY = 'olo';

/** What the metadata holds of a promotion: `metadata.olo.promotion` of the cell that was promoted. */
export function stateOfCell(standing: IStanding): PartialJSONObject {
  const { pull_request, last_run, checks, deployed } = standing;
  return {
    name: standing.name,
    branch: standing.branch,
    state: standing.state,
    pull_request: pull_request && { number: pull_request.number, url: pull_request.url },
    checks: Object.fromEntries(checks.map(({ name, outcome }) => [name, outcome])),
    deployed: Object.fromEntries(deployed.map(each => [each.target, each.release || `#${each.number}`])),
    last_run: last_run && { state: last_run.state, target: last_run.target, started: last_run.started }
  };
}

/**
 * Write it into the promoted cells of a notebook.
 *
 * @param asked - Whether the host was asked: what this machine alone knows takes nothing back that is written there.
 */
export function keepStates(panel: NotebookPanel, standings: readonly IStanding[], asked: boolean): void {
  const { model } = panel.content;
  if (!model || model.readOnly) {
    return;
  }
  const path = panel.context.localPath;
  for (const standing of standings.filter(each => each.path === path)) {
    const id = standing.cells.at(-1)?.id;
    const cell = Array.from(model.cells).find(each => each.id === id);
    if (cell && (asked || !keptIn(cell))) {
      const kept = { ...(cell.getMetadata(KEY) as ReadonlyPartialJSONObject | undefined) };
      const state = stateOfCell(standing);
      if (!JSONExt.deepEqual(kept['promotion'] ?? null, state)) {
        cell.setMetadata(KEY, { ...kept, promotion: state });
      }
    }
  }
}

function keptIn(cell: ICellModel): boolean {
  return !!(cell.getMetadata(KEY) as ReadonlyPartialJSONObject | undefined)?.['promotion'];
}
