/**
 * Where the boxes of a graph stand: in layers, read from left to right. Pure.
 *
 * Layers by the longest way (Sugiyama, Tagawa, Toda 1981), ordered and placed by the middle of the neighbours.
 */

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

const BETWEEN = 56;
const GAP = 18;
const SWEEPS = 4;
/** How many boxes a link to a layer further away weighs. */
const LONG_LINK = 4;

interface INode {
  /** null for the room that a link takes where it passes a layer. */
  box: IBox | null;
  layer: number;
  /** The middle. */
  y: number;
  sources: INode[];
  targets: INode[];
}

/** Place boxes; links to boxes that aren't there are left out, and so is one link of each circle. */
export function layers(boxes: readonly IBox[], links: readonly ILink[]): Map<string, IPoint> {
  const nodes = new Map(
    boxes.map((box): [string, INode] => [box.id, { box, layer: 0, y: 0, sources: [], targets: [] }])
  );
  for (const { source, target } of links) {
    const [from, to] = [nodes.get(source), nodes.get(target)];
    if (from && to && from !== to) {
      from.targets.push(to);
      to.sources.push(from);
    }
  }
  const order = ordered([...nodes.values()]);
  const rank = new Map(order.map((node, index) => [node, index]));
  for (const node of order) {
    // A link against the order closes a circle.
    node.sources = node.sources.filter(source => rank.get(source)! < rank.get(node)!);
    node.targets = node.targets.filter(target => rank.get(target)! > rank.get(node)!);
    node.layer = Math.max(0, ...node.sources.map(({ layer }) => layer + 1));
  }
  for (const node of [...order].reverse()) {
    // What begins here stands beside what it leads to, not at the far left.
    if (node.sources.length === 0 && node.targets.length > 0) {
      node.layer = Math.min(...node.targets.map(({ layer }) => layer)) - 1;
    }
  }
  const columns: INode[][] = [];
  for (const node of [...nodes.values()].flatMap(withPassages)) {
    (columns[node.layer] ??= []).push(node);
  }
  columns.forEach(column => spread(column, () => null));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const back = sweep % 2 === 1;
    for (const column of back ? [...columns].reverse() : columns) {
      spread(column, node => middle(back ? node.targets : node.sources));
    }
  }
  let x = 0;
  const places = new Map<string, IPoint>();
  for (const column of columns) {
    for (const { box, y } of column) {
      if (box) {
        places.set(box.id, { x, y: y - box.height / 2 });
      }
    }
    x += Math.max(...column.map(({ box }) => box?.width ?? 0)) + BETWEEN;
  }
  return places;
}

/** Each node after those that lead to it, as far as there are no circles. */
function ordered(nodes: readonly INode[]): INode[] {
  const seen = new Set<INode>();
  const found: INode[] = [];
  for (const begin of nodes) {
    const path: [INode, number][] = seen.has(begin) ? [] : [[begin, 0]];
    seen.add(begin);
    while (path.length) {
      const top = path[path.length - 1]!;
      const next = top[0].targets[top[1]++];
      if (next === undefined) {
        found.push(path.pop()![0]);
      } else if (!seen.has(next)) {
        seen.add(next);
        path.push([next, 0]);
      }
    }
  }
  return found.reverse();
}

/** A node, and the room that its links to layers further away take in those between: they don't run behind boxes. */
function withPassages(node: INode): INode[] {
  const passages: INode[] = [];
  node.targets = node.targets.map(target => {
    let from = node;
    let first = target;
    for (let layer = node.layer + 1; layer < target.layer; layer++) {
      const passage: INode = { box: null, layer, y: 0, sources: [from], targets: [target] };
      if (from === node) {
        first = passage;
      } else {
        from.targets = [passage];
      }
      from = passage;
      passages.push(passage);
    }
    if (from !== node) {
      target.sources = target.sources.map(source => (source === node ? from : source));
    }
    return first;
  });
  return [node, ...passages];
}

/** The middle of neighbours; a long link weighs more, so that it stays straight and passes beside the boxes. */
function middle(nodes: readonly INode[]): number | null {
  let [sum, weights] = [0, 0];
  for (const { box, y } of nodes) {
    const weight = box ? 1 : LONG_LINK;
    sum += weight * y;
    weights += weight;
  }
  return weights ? sum / weights : null;
}

/** Put a column's boxes where they want to be, in that order, none over another. */
function spread(column: INode[], wish: (node: INode) => number | null): void {
  const wanted = new Map(column.map(node => [node, wish(node) ?? node.y]));
  column.sort((a, b) => wanted.get(a)! - wanted.get(b)!);
  let free = -Infinity;
  let off = 0;
  for (const node of column) {
    const half = (node.box?.height ?? 0) / 2;
    node.y = Math.max(wanted.get(node)!, free + half);
    free = node.y + half + GAP;
    off += node.y - wanted.get(node)!;
  }
  // What had to make room went down: the column as a whole goes half of it up again.
  for (const node of column) {
    node.y -= off / column.length;
  }
}
