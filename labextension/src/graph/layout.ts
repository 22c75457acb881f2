/** Where the boxes of a graph stand: laid out in layers, left to right, away from the page's own thread. */

import type { ElkNode } from 'elkjs/lib/elk-api';

import { layers } from './layers';

export interface IBox {
  id: string;
  /** px */
  width: number;
  height: number;
}

export interface ILink {
  source: string;
  target: string;
}

export interface IPoint {
  x: number;
  y: number;
}

/** What lays out: elkjs, in a worker. */
export interface IEngine {
  layout(graph: ElkNode): Promise<ElkNode>;
}

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '56',
  'elk.spacing.nodeNode': '18',
  'elk.separateConnectedComponents': 'true',
  'elk.spacing.componentComponent': '32',
  // Boxes keep the order that they came in, so that a graph which grows stays much as it was.
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES'
};
/** From so many boxes on they are placed in plain layers. */
const MANY = 200;

/** Place boxes; links to boxes that aren't there are left out. Ids may be anything: they are numbered for the engine. */
export async function layout(
  engine: IEngine,
  boxes: readonly IBox[],
  links: readonly ILink[]
): Promise<Map<string, IPoint>> {
  if (boxes.length > MANY) {
    return layers(boxes, links);
  }
  const numbers = new Map(boxes.map(({ id }, index) => [id, index]));
  const edges = links.flatMap(({ source, target }, index) => {
    const [from, to] = [numbers.get(source), numbers.get(target)];
    return from === undefined || to === undefined || from === to
      ? []
      : [{ id: `e${index}`, sources: [`n${from}`], targets: [`n${to}`] }];
  });
  const placing = engine.layout({
    id: 'root',
    layoutOptions: OPTIONS,
    children: boxes.map(({ width, height }, index) => ({ id: `n${index}`, width, height })),
    edges
  });
  // Where the engine gives up, or its worker may not start, plain layers are better than nothing.
  const placed = await placing.catch(() => null);
  if (placed === null) {
    return layers(boxes, links);
  }
  return new Map((placed.children ?? []).map(({ x, y }, index) => [boxes[index]!.id, { x: x ?? 0, y: y ?? 0 }]));
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The box that an arrow key leads to: along a link where there is one in that direction, else the nearest that way. */
export function neighbour(
  from: string,
  direction: Direction,
  places: ReadonlyMap<string, IPoint>,
  links: readonly ILink[]
): string | null {
  const here = places.get(from);
  if (!here) {
    return null;
  }
  const sideways = direction === 'left' || direction === 'right';
  const linked = links.flatMap(({ source, target }) =>
    direction === 'right' && source === from ? [target] : direction === 'left' && target === from ? [source] : []
  );
  const candidates = sideways ? linked : [...places.keys()];
  let best: string | null = null;
  let least = Infinity;
  for (const id of candidates) {
    const there = places.get(id);
    if (!there || id === from) {
      continue;
    }
    const dy = there.y - here.y;
    const dx = Math.abs(there.x - here.x);
    if (!sideways && (direction === 'down' ? dy <= 0 : dy >= 0)) {
      continue;
    }
    const distance = sideways ? Math.abs(dy) : Math.abs(dy) + 4 * dx;
    if (distance < least) {
      least = distance;
      best = id;
    }
  }
  return best;
}
