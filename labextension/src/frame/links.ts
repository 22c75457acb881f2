import { PageConfig, URLExt } from '@jupyterlab/coreutils';

import type { ViewArgs } from './tokens';

const KEY = 'olo';

/** Whether an address names a view. */
export const LINK = /[?&]olo=[^&]/;

/** What a link opens. */
export interface ILink {
  kind: string;
  id: string;
  args: ViewArgs;
}

/** The address of a view: `…/lab?olo=kind/id&olo.name=value`. It holds no token. */
export function linkTo({ kind, id, args }: ILink): string {
  const query = [
    `${KEY}=${encode(`${kind}/${id}`)}`,
    ...Object.entries(args).map(([name, value]) => `${KEY}.${encode(name)}=${encode(value)}`)
  ];
  return `${URLExt.join(PageConfig.getBaseUrl(), 'lab')}?${query.join('&')}`;
}

/** A page of another program. A path counts from the Jupyter server that this page came from, which passes it on. */
export function pageUrl(address: string): string {
  return address.startsWith('/') ? URLExt.join(PageConfig.getBaseUrl(), address) : address;
}

/** What the query of an address opens; null where it names no view. */
export function parseLink(search: string): ILink | null {
  const query = new URLSearchParams(search);
  const [, kind, id] = /^([a-z-]+)\/(.+)$/s.exec(query.get(KEY) ?? '') ?? [];
  if (!kind || !id) {
    return null;
  }
  const args = [...query].filter(([name]) => name.startsWith(`${KEY}.`));
  return { kind, id, args: Object.fromEntries(args.map(([name, value]) => [name.slice(KEY.length + 1), value])) };
}

/** The query without the view, so that a later reload doesn't open it again after it was closed. */
export function withoutLink(search: string): string {
  const query = new URLSearchParams(search);
  for (const name of [...query.keys()]) {
    if (name === KEY || name.startsWith(`${KEY}.`)) {
      query.delete(name);
    }
  }
  const left = query.toString();
  return left ? `?${left}` : '';
}

/** Slashes stay as they are, so that a link can be read. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/');
}
