import { ILink, IPoint, layers } from '../src/graph/layers';

const SIZE = { width: 220, height: 66 };

function placed(links: ILink[], alone: string[] = []): Map<string, IPoint> {
  const ids = new Set([...links.flatMap(({ source, target }) => [source, target]), ...alone]);
  return layers(
    [...ids].map(id => ({ id, ...SIZE })),
    links
  );
}

function link(source: string, target: string): ILink {
  return { source, target };
}

function overlaps(places: Map<string, IPoint>): number {
  const columns = new Map<number, number[]>();
  for (const { x, y } of places.values()) {
    columns.set(x, [...(columns.get(x) ?? []), y]);
  }
  return [...columns.values()]
    .map(column => column.sort((a, b) => a - b))
    .flatMap(column => column.slice(1).map((y, index) => y - column[index]!))
    .filter(distance => distance < SIZE.height).length;
}

describe('layers', () => {
  it('places each box right of what leads to it, and beside what it begins', () => {
    const places = placed([link('a', 'b'), link('b', 'c'), link('a', 'c'), link('late', 'c')]);
    const x = (id: string): number => places.get(id)!.x;
    expect([x('a'), x('b'), x('c'), x('late')]).toEqual([0, 276, 552, 276]);
  });

  it('leaves room for a link that passes a layer', () => {
    const places = placed([link('a', 'b'), link('b', 'c'), link('c', 'd'), link('a', 'd')]);
    const middle = (id: string): number => places.get(id)!.y + SIZE.height / 2;
    // The link from a to d goes straight from the one to the other, above or below b and c.
    for (const passed of ['b', 'c']) {
      expect(Math.abs(middle(passed) - (middle('a') + middle('d')) / 2)).toBeGreaterThan(SIZE.height / 2);
    }
    expect(new Set([...places.values()].map(({ x }) => x)).size).toBe(4);
  });

  it('takes circles, boxes alone and links to nowhere', () => {
    const places = placed([link('a', 'b'), link('b', 'a'), link('a', 'a')], ['alone']);
    expect(places.size).toBe(3);
    expect(layers([{ id: 'a', ...SIZE }], [link('a', 'gone')]).size).toBe(1);
    expect(layers([], []).size).toBe(0);
    expect(overlaps(places)).toBe(0);
  });

  it('places 2,000 boxes in a moment, none over another, the children near their parent', () => {
    const links = Array.from({ length: 40 }, (_, branch) => [
      link('root', `job${branch}`),
      link(`job${branch}`, `table${branch}`),
      ...Array.from({ length: 48 }, (__, leaf) => link(`table${branch}`, `leaf${branch}_${leaf}`))
    ]).flat();
    const began = performance.now();
    const places = placed(links);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(places.size).toBe(2001);
    expect(overlaps(places)).toBe(0);
    const leaves = Array.from({ length: 48 }, (_, leaf) => places.get(`leaf20_${leaf}`)!.y);
    expect(Math.max(...leaves) - Math.min(...leaves)).toBe(47 * 84);
    expect(Math.abs(places.get('table20')!.y - (Math.max(...leaves) + Math.min(...leaves)) / 2)).toBeLessThan(84 * 48);
  });
});
