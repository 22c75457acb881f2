/** The one way to the server extension's routes. */

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';

import { learnClock } from './clock';

/** What the server said no with. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** `login-expired` and `unreachable` are this side's own; all others come from the server. */
    readonly code: string,
    readonly hint: string,
    /** HTTP's status, 0 where nothing answered. */
    readonly status: number
  ) {
    super(message);
  }

  /** The person is known and may not do this. */
  get forbidden(): boolean {
    return this.status === 403 && this.code !== 'login-expired';
  }
}

type Value = string | number | boolean | null | undefined;
/** What a route is asked with; a list is given by its name, again and again. */
export type Query = Record<string, Value | readonly Value[]>;

/**
 * A path below /olo/api, its names percent-encoded.
 *
 * @example route`jobs/${name}/runs`
 */
export function route(texts: TemplateStringsArray, ...names: string[]): string {
  return texts.map((text, index) => (index ? encodeURIComponent(names[index - 1]!) + text : text)).join('');
}

/** Reads and changes by the server's routes. `T` is the route's answer. */
export interface IApi {
  /** The same read asked for twice at a time is sent once. */
  get<T>(path: string, query?: Query): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  put<T>(path: string, body?: unknown): Promise<T>;
  delete<T>(path: string, body?: unknown): Promise<T>;
  /** The address of a route, for a link or a download. */
  url(path: string, query?: Query): string;
}

/** The routes of the Jupyter server that this page came from. */
export class Api implements IApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** A request found nobody logged in. */
  get loginExpired(): ISignal<this, void> {
    return this.#loginExpired;
  }

  get<T>(path: string, query?: Query): Promise<T> {
    const url = this.url(path, query);
    let answer = this.#reads.get(url);
    if (!answer) {
      answer = this.#request(url, {}).finally(() => this.#reads.delete(url));
      this.#reads.set(url, answer);
    }
    return answer as Promise<T>;
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.#send('POST', path, body);
  }

  put<T>(path: string, body?: unknown): Promise<T> {
    return this.#send('PUT', path, body);
  }

  delete<T>(path: string, body?: unknown): Promise<T> {
    return this.#send('DELETE', path, body);
  }

  url(path: string, query: Query = {}): string {
    const given = Object.entries(query)
      .flatMap(([name, values]) => [values].flat().map(value => [name, value] as const))
      .filter(([, value]) => value !== null && value !== undefined && value !== '');
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return URLExt.join(this.settings.baseUrl, 'olo', 'api', path) + (search && `?${search}`);
  }

  #send<T>(method: string, path: string, body: unknown): Promise<T> {
    // Said here: the browser calls a text that is sent text/plain.
    const json = { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    const init = { method, ...(body === undefined ? {} : json) };
    return this.#request(this.url(path), init) as Promise<T>;
  }

  async #request(url: string, init: RequestInit): Promise<unknown> {
    let response: Response;
    try {
      // Lab's own 'no-store' would put the time into the query, which the routes refuse as something they don't know.
      response = await ServerConnection.makeRequest(url, { ...init, cache: 'no-cache' }, this.settings);
    } catch {
      throw new ApiError(
        'The Jupyter server does not answer.',
        'unreachable',
        'Check that it runs, then try again.',
        0
      );
    }
    const text = await response.text();
    let body: unknown;
    try {
      body = text ? JSON.parse(text) : {};
    } catch {
      body = null;
    }
    if (response.ok && body !== null) {
      const { now } = body as { now?: unknown };
      if (typeof now === 'string') {
        learnClock(now);
      }
      return body;
    }
    const redirected = response.redirected && body === null;
    if (redirected || ((response.status === 401 || response.status === 403) && !(await this.#knowsMe()))) {
      this.#loginExpired.emit();
      throw new ApiError('Your login has expired.', 'login-expired', 'Log in again, then try again.', response.status);
    }
    const { message, code, hint } = (body ?? {}) as Partial<Record<'message' | 'code' | 'hint', string>>;
    throw new ApiError(
      message ?? `The server answered ${response.status}.`,
      code ?? 'error',
      hint ?? '',
      response.status
    );
  }

  /** A 403 is said both of who may not and of who is not known: the server's own identity route tells which. */
  async #knowsMe(): Promise<boolean> {
    try {
      const url = URLExt.join(this.settings.baseUrl, 'api', 'me');
      const { ok, redirected } = await ServerConnection.makeRequest(url, {}, this.settings);
      return ok && !redirected;
    } catch {
      return true;
    }
  }

  readonly #reads = new Map<string, Promise<unknown>>();
  readonly #loginExpired = new Signal<this, void>(this);
}
