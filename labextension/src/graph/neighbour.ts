import type { ILink, IPoint } from './layers';

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
