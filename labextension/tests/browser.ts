/** What a browser has and jsdom lacks. */
import { TextDecoder, TextEncoder } from 'node:util';

Object.assign(globalThis, { TextDecoder, TextEncoder });
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
// jsdom draws nothing; the grid's painter asks for a context as soon as it is loaded.
HTMLCanvasElement.prototype.getContext = () => null;
globalThis.matchMedia ??= () =>
  ({ matches: false, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;
globalThis.DragEvent ??= class extends Event {} as unknown as typeof DragEvent;
globalThis.Headers ??= Map as unknown as typeof Headers;
globalThis.fetch ??= (() => Promise.reject(new Error('no network in tests'))) as typeof fetch;
globalThis.Request ??= class {} as unknown as typeof Request;
globalThis.requestIdleCallback ??= (work => setTimeout(work)) as typeof requestIdleCallback;
Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
