import '@xyflow/react/dist/style.css';

import {
  Background,
  Controls,
  Edge,
  Handle,
  MarkerType,
  MiniMap,
  Node,
  NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow
} from '@xyflow/react';
import * as React from 'react';

import { useOlo, useShown } from '../frame/widget';
import { IBox, ILink, layers } from './layers';
import { Direction, neighbour } from './neighbour';

export interface IGraphBox extends IBox {
  /** What the box is, for a screen reader. */
  label: string;
  /** A class of the box, for its colour in the small map too. */
  state?: string;
  content: React.ReactNode;
}

export interface IGraphProps {
  boxes: readonly IGraphBox[];
  links: readonly ILink[];
  selected: string;
  select: (id: string) => void;
  /** A double click, or Enter on the selected box. */
  open?: (id: string) => void;
  /** Links that stand out. */
  strong?: (link: ILink) => boolean;
  minimap?: boolean;
  label: string;
}

type Box = Node<{ content: React.ReactNode; selected: boolean; state: string }, 'box'>;

const NODE_TYPES = { box: React.memo(BoxView) };
const ARROWS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down'
};

/** A graph of boxes, read from left to right. Loaded lazily: it is heavy. */
export default function Graph(props: IGraphProps): React.JSX.Element {
  const shown = useShown();
  const [was, setWas] = React.useState(shown);
  React.useEffect(() => setWas(before => before || shown), [shown]);
  // Drawn out of sight it would have the size of nothing, and stay so.
  return (
    <div className="olo-Graph">
      {was && (
        <ReactFlowProvider>
          <Flow {...props} />
        </ReactFlowProvider>
      )}
    </div>
  );
}

function Flow(props: IGraphProps): React.JSX.Element {
  const { boxes, links, selected, select, open, strong, minimap, label } = props;
  const { trans } = useOlo();
  const flow = useReactFlow();
  const shape = JSON.stringify([boxes.map(({ id, width, height }) => [id, width, height]), links]);
  const places = React.useMemo(() => layers(boxes, links), [shape]);
  const fitted = React.useRef(0);
  React.useEffect(() => {
    if (places.size) {
      // A graph that grew stays where it was; the first one is brought into sight.
      const first = fitted.current === 0;
      fitted.current = places.size;
      window.requestAnimationFrame(() => {
        if (first) {
          void flow.fitView({ maxZoom: 1, padding: 0.12 });
        }
      });
    }
  }, [places]);
  const nodes = React.useMemo<Box[]>(
    () =>
      boxes.flatMap(({ id, width, height, label: ariaLabel, content, state = '' }) => {
        const position = places.get(id);
        return position
          ? [
              {
                id,
                type: 'box',
                position,
                width,
                height,
                ariaLabel,
                data: { content, state, selected: id === selected },
                className: state ? `olo-mod-${state}` : ''
              }
            ]
          : [];
      }),
    [boxes, places, selected]
  );
  const edges = React.useMemo<Edge[]>(
    () =>
      links.map(link => ({
        ariaLabel: trans.__('From %1 to %2', link.source, link.target),
        id: `${link.source}\n${link.target}`,
        source: link.source,
        target: link.target,
        focusable: false,
        className: strong?.(link) || link.source === selected || link.target === selected ? 'olo-mod-strong' : '',
        markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14, color: 'var(--olo-edge)' }
      })),
    [links, strong, selected, trans]
  );
  const keyed = (event: React.KeyboardEvent): void => {
    const direction = ARROWS[event.key];
    const id = (event.target as HTMLElement).closest('.react-flow__node')?.getAttribute('data-id') ?? selected;
    if (direction) {
      const next = neighbour(id, direction, places, links);
      event.preventDefault();
      event.stopPropagation();
      if (next) {
        select(next);
        focusBox(event.currentTarget, next);
        const { x, y } = places.get(next)!;
        const box = boxes.find(one => one.id === next)!;
        void flow.setCenter(x + box.width / 2, y + box.height / 2, { zoom: flow.getZoom(), duration: 150 });
      }
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      if (id === selected && event.key === 'Enter') {
        open?.(id);
      }
      select(id);
    }
  };
  const light = document.body.dataset['jpThemeLight'] !== 'false';
  const words = {
    'controls.zoomIn.ariaLabel': trans.__('Zoom in'),
    'controls.zoomOut.ariaLabel': trans.__('Zoom out'),
    'controls.fitView.ariaLabel': trans.__('Show everything')
  };
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      colorMode={light ? 'light' : 'dark'}
      nodesDraggable={false}
      nodesConnectable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      nodesFocusable
      disableKeyboardA11y
      onlyRenderVisibleElements={boxes.length > 100}
      minZoom={0.05}
      maxZoom={2}
      onNodeClick={(_, { id }) => select(id)}
      onNodeDoubleClick={(_, { id }) => open?.(id)}
      onKeyDown={keyed}
      ariaLabelConfig={words}
      aria-label={label}
      role="application"
    >
      <Background gap={20} size={1} />
      <Controls orientation="horizontal" showInteractive={false} aria-label={trans.__('Zoom')} />
      {minimap && (
        <MiniMap pannable zoomable nodeClassName={node => node.className ?? ''} ariaLabel={trans.__('Small map')} />
      )}
    </ReactFlow>
  );
}

function BoxView({ data }: NodeProps<Box>): React.JSX.Element {
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <div className={`olo-Box olo-mod-${data.state}${data.selected ? ' olo-mod-selected' : ''}`}>{data.content}</div>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </>
  );
}

/** Move the focus to a box; one that was out of sight is drawn only after the view moved there. */
function focusBox(root: Element, id: string): void {
  const look = (): void =>
    root.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
  look();
  window.setTimeout(look, 200);
}
