import { LabIcon } from '@jupyterlab/ui-components';

/** Three places and the ways between them. */
export const lineageIcon = new LabIcon({
  name: 'olo-jupyter:lineage',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g class="jp-icon3" fill="#616161">' +
    '<path d="M1 5.500h4.500v1.900h1.600c.6-2.300 1.400-3.500 3.400-3.900V2H15v4.500h-4.500V4.800c-1.200.4-1.700 1.300-2.100 2.600h.1c.4 1.600 1 2.300 2 2.600V9.500H15V14h-4.500v-2.700c-2-.4-2.800-1.400-3.400-2.700H5.500V10H1V5.500z"/></g></svg>'
});
