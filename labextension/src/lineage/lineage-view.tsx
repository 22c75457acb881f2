import * as React from 'react';

import { RUN_CHANGED } from '../frame/events';
import { useModel } from '../frame/hooks';
import { Failed, Loading } from '../frame/states';
import type { IViewPlace } from '../frame/tokens';
import { useOlo, useShown } from '../frame/widget';
import { IGraphBox, ILink, LazyGraph, preload } from '../graph';
import { useArgs } from '../jobs/job-view';
import type { ILineageNode, LineageState } from './answers';
import { LineageTable } from './lineage-table';
import { LineageModel } from './model';
import { BOX, NodeBox } from './node-box';
import { NodePanel } from './node-panel';

/** Where data comes from and goes to: a graph that is expanded as far as somebody asks, or the same as a table. */
export function LineageView({ place }: { place: IViewPlace }): React.JSX.Element {
  const olo = useOlo();
  const { api, events, trans } = olo;
  const shown = useShown();
  const args = useArgs(place);
  const model = React.useMemo(() => new LineageModel(api, place.id), [api, place]);
  useModel(model);
  React.useEffect(preload, []);
  React.useEffect(() => {
    if (!shown) {
      return undefined;
    }
    void model.load();
    const again = (): void => void model.load();
    const heard = events.on<{ run: { ended: string | null } }>(RUN_CHANGED, ({ run }) => run.ended && again());
    events.missed.connect(again);
    return () => {
      heard.dispose();
      events.missed.disconnect(again);
    };
  }, [model, shown]);
  const root = model.nodes?.get(place.id);
  React.useEffect(() => {
    if (root) {
      place.setLabel(trans.__('Lineage of %1', root.name));
    }
  }, [root?.name]);
  const [found, setFound] = React.useState('');
  const selected = args['node'] ?? place.id;
  const column = args['column'] ?? '';
  React.useEffect(() => void model.trace(selected, column || null), [model, selected, column]);
  if (model.nodes === null) {
    return model.error ? <Failed error={model.error} retry={() => void model.load()} /> : <Loading />;
  }
  const filter = {
    namespace: args['namespace'] ?? '',
    state: (args['state'] ?? '') as LineageState | 'failing' | ''
  };
  const nodes = model.filtered(filter);
  const node = model.nodes.get(selected);
  const select = (id: string): void => place.setArgs({ node: id === place.id ? '' : id, column: '' });
  const namespaces = [...new Set([...model.nodes.values()].map(({ namespace }) => namespace))].sort();
  const asTable = args['as'] === 'table';
  const find = (text: string): void => {
    setFound(text);
    const wanted = text.toLowerCase();
    const match = wanted && nodes.find(({ name }) => name.toLowerCase().includes(wanted));
    if (match) {
      select(match.id);
    }
  };
  return (
    <div className="olo-Lineage">
      <div className="olo-Lineage-bar" role="toolbar" aria-label={trans.__('Lineage')}>
        <input
          className="olo-Input"
          type="search"
          aria-label={trans.__('Find in the graph')}
          placeholder={trans.__('Find in the graph')}
          value={found}
          onChange={event => find(event.target.value)}
        />
        <select
          className="olo-Select"
          aria-label={trans.__('Namespace')}
          value={filter.namespace}
          onChange={event => place.setArgs({ namespace: event.target.value })}
        >
          <option value="">{trans.__('All namespaces')}</option>
          {namespaces.map(name => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <select
          className="olo-Select"
          aria-label={trans.__('State')}
          value={filter.state}
          onChange={event => place.setArgs({ state: event.target.value })}
        >
          <option value="">{trans.__('Any state')}</option>
          <option value="failed">{trans.__('failed')}</option>
          <option value="running">{trans.__('running')}</option>
          <option value="success">{trans.__('success')}</option>
          <option value="failing">{trans.__('failing tests')}</option>
        </select>
        <button className="jp-mod-styled olo-Button" onClick={() => void model.expandAll(3)}>
          {trans.__('Three steps')}
        </button>
        <span className="olo-Spacer" />
        <span role="status">
          {trans._n('%1 node', '%1 nodes', nodes.length)}
          {model.truncated && ` · ${trans.__('cut: there are more')}`}
        </span>
        <button
          className="jp-mod-styled olo-Button"
          aria-pressed={asTable}
          onClick={() => place.setArgs({ as: asTable ? '' : 'table' })}
        >
          {asTable ? trans.__('As a graph') : trans.__('As a table')}
        </button>
      </div>
      {model.error && <Failed error={model.error} retry={() => void model.load()} />}
      <div className="olo-Lineage-body">
        {asTable ? (
          <LineageTable nodes={nodes} model={model} selected={selected} select={select} />
        ) : (
          <LineageGraph nodes={nodes} model={model} selected={selected} select={select} />
        )}
        {node && <NodePanel node={node} model={model} column={column} trace={to => place.setArgs({ column: to })} />}
      </div>
    </div>
  );
}

interface IShown {
  nodes: readonly ILineageNode[];
  model: LineageModel;
  selected: string;
  select: (id: string) => void;
}

function LineageGraph({ nodes, model, selected, select }: IShown): React.JSX.Element {
  const olo = useOlo();
  const { trans } = olo;
  const boxes = nodes.map((node): IGraphBox => {
    const state = (node.tests?.failed ?? 0) > 0 ? 'failed' : (node.run?.state ?? '');
    return {
      id: node.id,
      ...BOX,
      label: trans.__(
        '%1 %2 in %3',
        node.kind === 'job' ? trans.__('Job') : trans.__('Dataset'),
        node.name,
        node.namespace
      ),
      state,
      content: <NodeBox node={node} model={model} />
    };
  });
  const traced = new Set(model.columns?.edges.flatMap(({ source, target }) => [source.node, target.node]) ?? []);
  const strong = React.useCallback(
    ({ source, target }: ILink) => traced.size > 0 && (traced.has(source) || traced.has(target)),
    [model.columns]
  );
  return (
    <React.Suspense fallback={<Loading />}>
      <LazyGraph
        boxes={boxes}
        links={model.edges}
        selected={selected}
        select={select}
        open={id => olo.open('lineage', id)}
        strong={strong}
        minimap
        label={trans.__('Lineage; arrow keys follow it')}
      />
    </React.Suspense>
  );
}
