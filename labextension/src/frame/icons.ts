import { LabIcon } from '@jupyterlab/ui-components';

/** Icons in Lab's own manner: 16 units, one colour that follows the theme. */
function icon(name: string, shapes: string): LabIcon {
  const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g class="jp-icon3" fill="#616161">${shapes}</g></svg>`;
  return new LabIcon({ name: `olo-jupyter:${name}`, svgstr });
}

export const panelIcon = icon(
  'panel',
  '<path d="M8 1 1.5 4.2 8 7.4l6.5-3.2L8 1zm-5 6L1.5 7.8 8 11l6.5-3.2L13 7 8 9.5 3 7zm0 3.6-1.5.8L8 14.6l6.5-3.2-1.5-.8-5 2.4-5-2.4z"/>'
);
export const icons: Record<string, LabIcon> = {
  catalog: icon(
    'catalog',
    '<path d="M8 1.5c-3 0-5.5 1-5.5 2.3v8.4c0 1.3 2.5 2.3 5.5 2.3s5.5-1 5.5-2.3V3.8c0-1.3-2.5-2.3-5.5-2.3zm0 1.2c2.6 0 4.2.8 4.2 1.1S10.600 4.900 8 4.900s-4.200-.8-4.200-1.100S5.400 2.700 8 2.700zm4.200 9.500c0 .3-1.600 1.100-4.200 1.100s-4.200-.8-4.200-1.100V9.800c1 .5 2.500.8 4.200.8s3.200-.3 4.200-.8v2.400zm0-4.100c0 .4-1.600 1.200-4.200 1.200S3.800 8.500 3.800 8.100V5.500c1 .5 2.500.7 4.200.7s3.200-.2 4.200-.7v2.600z"/>'
  ),
  namespace: icon(
    'namespace',
    '<path d="M1.500 3h4.700l1.300 1.500h7v8.500h-13V3zm1.200 1.200v7.600h10.600V5.700H7L5.700 4.200h-3z"/>'
  ),
  table: icon(
    'table',
    '<path d="M1.500 2.500h13v11h-13v-11zm1.200 3.800v2h3.100v-2H2.700zm4.300 0v2h6.300v-2H7zM2.700 9.500v2.800h3.100V9.500H2.700zm4.300 0v2.800h6.300V9.500H7z"/>'
  ),
  query: icon(
    'query',
    '<path d="M2.500 2h11v12h-11V2zm1.200 1.200v9.600h8.600V3.200H3.700zm1.500 1.900L7.300 7l-2.100 2-.8-.9L5.600 7l-1.200-1.100.8-.8zM7.500 9.300h3.600v1.200H7.500V9.300z"/>'
  ),
  health: icon(
    'health',
    '<path d="M5.600 2.500h1.200l2.300 8.200 1.400-3.500h4v1.200h-3.200L9.400 13.300H8.300L6.200 5.600 4.900 8.400H1.500V7.200h2.600l1.500-4.700z"/>'
  ),
  view: icon(
    'view',
    '<path d="M8 3.500C4.500 3.500 2 6.200 1.200 8 2 9.800 4.500 12.500 8 12.500s6-2.700 6.800-4.500C14 6.200 11.500 3.500 8 3.500zm0 1.300c2.500 0 4.400 1.800 5.300 3.200-.9 1.400-2.800 3.200-5.300 3.200S3.600 9.400 2.700 8C3.600 6.600 5.500 4.800 8 4.800z"/><circle cx="8" cy="8" r="2"/>'
  ),
  column: icon('column', '<circle cx="8" cy="8" r="2"/>'),
  tag: icon(
    'tag',
    '<path d="M2 2h5.500l6.700 6.700-5.500 5.500L2 7.500V2zm1.200 1.200V7l5.500 5.500 3.800-3.800L7 3.200H3.200z"/><circle cx="5.300" cy="5.300" r="1"/>'
  ),
  branch: icon(
    'branch',
    '<path d="M5 2a2 2 0 0 0-.6 3.900v4.200a2 2 0 1 0 1.200 0V8.600c.6.5 1.500.7 2.900.7 1.600 0 2.100.5 2.200 1a2 2 0 1 0 1.200-.1C11.700 8.600 10.400 8 8.500 8 6.400 8 5.700 7.500 5.600 5.900A2 2 0 0 0 5 2zm0 1.200a.8.8 0 1 1 0 1.600.8.8 0 0 1 0-1.600zm6.300 8a.8.8 0 1 1 0 1.600.8.8 0 0 1 0-1.600zM5 11.200a.8.8 0 1 1 0 1.600.8.8 0 0 1 0-1.600z"/>'
  ),
  history: icon(
    'history',
    '<path d="M8 1.500A6.500 6.500 0 1 0 14.500 8 6.500 6.500 0 0 0 8 1.500zm0 1.200A5.300 5.300 0 1 1 2.700 8 5.300 5.300 0 0 1 8 2.700zm-.6 2v3.600l2.900 1.800.6-1-2.300-1.400V4.700H7.400z"/>'
  ),
  snapshot: icon(
    'snapshot',
    '<path d="M8 4.500A3.500 3.500 0 1 0 11.500 8 3.500 3.500 0 0 0 8 4.500zm0 1.200A2.300 2.300 0 1 1 5.700 8 2.300 2.300 0 0 1 8 5.700z"/>'
  )
};

/** A run's state as a shape and a colour: never by colour alone. */
export const stateIcons: Record<string, LabIcon> = {
  success: icon(
    'success',
    '<path d="M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zm-1 9.600L3.900 8l.9-.9L7 9.300l4.200-4.200.9.900L7 11.100z"/>'
  ),
  failed: icon(
    'failed',
    '<path d="M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zm3.200 8.800-.9.900L8 8.900l-2.300 2.300-.9-.9L7.100 8 4.800 5.700l.9-.9L8 7.100l2.300-2.300.9.900L8.900 8l2.300 2.300z"/>'
  ),
  running: icon('running', '<path d="M8 1.500V3a5 5 0 1 1-5 5H1.500A6.500 6.500 0 1 0 8 1.500z"/>'),
  queued: icon(
    'queued',
    '<path d="M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zm0 1.300a5.200 5.200 0 1 1 0 10.400A5.200 5.200 0 0 1 8 2.800z"/>'
  ),
  cancelled: icon(
    'cancelled',
    '<path d="M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zm3.500 7.200h-7V7.300h7v1.400z"/>'
  ),
  skipped: icon('skipped', '<path d="M3 3.500 8 8l-5 4.500v-9zm5 0L13 8l-5 4.500v-9z"/>')
};

export const failedIcon = stateIcons['failed']!;
