import * as React from 'react';

import { useNow } from '../frame/hooks';
import { icons } from '../frame/icons';
import { useOlo } from '../frame/widget';
import { Ago, StateIcon } from '../jobs/state';
import type { RunState } from '../jobs/answers';
import type { ILineageNode } from './answers';
import { lineageIcon } from './icon';
import { freshness, LineageModel, Side } from './model';

export const BOX = { width: 220, height: 66 };

/** What a box of the graph shows: name, freshness or state, failing tests, and a way on where there is more. */
export function NodeBox({ node, model }: { node: ILineageNode; model: LineageModel }): React.JSX.Element {
  const { trans } = useOlo();
  const now = useNow(false);
  const Icon = node.kind === 'dataset' ? icons['table']! : lineageIcon;
  const fresh = freshness(node.updated, now);
  const failing = node.tests?.failed ?? 0;
  return (
    <>
      <div className="olo-Box-head">
        <Icon.react tag="span" className="olo-Box-icon" elementSize="normal" />
        <span className="olo-Box-name" title={node.name}>
          {node.name}
        </span>
        {node.kind === 'job' && node.run && node.run.state !== 'unknown' && (
          <StateIcon state={node.run.state as RunState} />
        )}
      </div>
      <div className="olo-Box-about">
        <span className="olo-Box-space" title={node.namespace}>
          {node.namespace}
        </span>
      </div>
      <div className="olo-Box-about">
        {node.kind === 'dataset' && (
          <span className={`olo-Fresh olo-mod-${fresh}`}>
            {node.updated ? <Ago at={node.updated} /> : trans.__('never written')}
          </span>
        )}
        {node.kind === 'job' && <Ago at={node.updated} />}
        {failing > 0 && <span className="olo-Box-failing">{trans._n('%1 test fails', '%1 tests fail', failing)}</span>}
        {failing === 0 && node.tests && <span>{trans._n('%1 test passed', '%1 tests passed', node.tests.passed)}</span>}
      </div>
      <More node={node} model={model} side="upstream" />
      <More node={node} model={model} side="downstream" />
    </>
  );
}

function More(props: { node: ILineageNode; model: LineageModel; side: Side }): React.JSX.Element | null {
  const { node, model, side } = props;
  const { trans } = useOlo();
  const hidden = model.hidden(node, side);
  if (hidden === 0) {
    return null;
  }
  const text =
    side === 'upstream'
      ? trans._n('Show %1 more upstream', 'Show %1 more upstream', hidden)
      : trans._n('Show %1 more downstream', 'Show %1 more downstream', hidden);
  return (
    <button
      className={`olo-Box-more olo-mod-${side} nodrag nopan`}
      tabIndex={-1}
      aria-label={text}
      title={text}
      disabled={model.expanding.has(node.id)}
      onClick={event => {
        event.stopPropagation();
        void model.expand(node.id, side);
      }}
    >
      +{hidden}
    </button>
  );
}
