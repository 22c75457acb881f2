import * as React from 'react';

import { useOlo } from '../frame/widget';
import { Ago } from '../jobs/state';
import type { ILineageNode } from './answers';
import type { LineageModel } from './model';

/** The graph as a table: for screen readers, and for who rather reads. */
export function LineageTable(props: {
  nodes: readonly ILineageNode[];
  model: LineageModel;
  selected: string;
  select: (id: string) => void;
}): React.JSX.Element {
  const { nodes, model, selected, select } = props;
  const { trans } = useOlo();
  const names = (ids: string[]): string => ids.map(id => model.nodes?.get(id)?.name ?? id).join(', ');
  const [before, after] = React.useMemo(() => {
    const into = new Map<string, string[]>();
    const out = new Map<string, string[]>();
    for (const { source, target } of model.edges) {
      into.set(target, [...(into.get(target) ?? []), source]);
      out.set(source, [...(out.get(source) ?? []), target]);
    }
    return [into, out];
  }, [model.edges.length]);
  return (
    <div className="olo-Lineage-table" tabIndex={0} role="region" aria-label={trans.__('Lineage as a table')}>
      <table className="olo-Table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col">{trans.__('Kind')}</th>
            <th scope="col">{trans.__('Namespace')}</th>
            <th scope="col">{trans.__('From')}</th>
            <th scope="col">{trans.__('To')}</th>
            <th scope="col">{trans.__('State')}</th>
            <th scope="col">{trans.__('Updated')}</th>
            <th scope="col">{trans.__('Failing tests')}</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map(node => (
            <tr key={node.id} aria-current={node.id === selected ? 'true' : undefined}>
              <th scope="row">
                <button className="olo-Link" onClick={() => select(node.id)}>
                  {node.name}
                </button>
              </th>
              <td>{node.kind === 'job' ? trans.__('job') : trans.__('dataset')}</td>
              <td>{node.namespace}</td>
              <td>{names(before.get(node.id) ?? [])}</td>
              <td>{names(after.get(node.id) ?? [])}</td>
              <td>{node.run?.state ?? ''}</td>
              <td>
                <Ago at={node.updated} />
              </td>
              <td>{node.tests?.failed ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
