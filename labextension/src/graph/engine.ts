import ELK, { ELK as Engine } from 'elkjs/lib/elk-api';

let engine: Engine | null = null;

/** The layout engine, in a worker of its own; started when first needed. */
export function elk(): Engine {
  engine ??= new ELK({
    workerFactory: () => new Worker(new URL('elkjs/lib/elk-worker.min.js', import.meta.url))
  });
  return engine;
}
