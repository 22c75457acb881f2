import * as React from 'react';

/** The graph, loaded when it is first drawn. */
export const LazyGraph = React.lazy(() => import('./graph'));
export type { IGraphBox } from './graph';
export type { ILink } from './layers';
