import { LabIcon } from '@jupyterlab/ui-components';

export const promoteIcon = new LabIcon({
  name: 'olo-jupyter:promote',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g class="jp-icon3" fill="#616161"><path d="M8 1.500 3.500 6l.9.900 3-3V11h1.200V3.900l3 3 .9-.900L8 1.500zM2.500 13.300v1.200h11v-1.200h-11z"/></g></svg>'
});
