import * as React from 'react';

const load = (): Promise<typeof import('./graph')> => import('./graph');

/** The graph, loaded when it is first drawn. */
export const LazyGraph = React.lazy(load);

/** Begin to load the graph: beside the request for what will stand in it. */
export function preload(): void {
  void load();
}
export type { IGraphBox } from './graph';
export type { ILink } from './layers';
