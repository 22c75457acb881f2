import type { Event } from '@jupyterlab/services';

import type { IRun } from '../api';

export const RUN_CHANGED = 'urn:olo-jupyter:run-changed:v1';
export const CATALOG_CHANGED = 'urn:olo-jupyter:catalog-changed:v1';
export const JOBS_CHANGED = 'urn:olo-jupyter:jobs-changed:v1';

/** Who wants to know what changed. */
export interface IListener {
  run(run: IRun): void;
  catalogChanged(name: string): void;
  /** The configuration was edited: anything may be another. */
  projectChanged(): void;
  jobs(): void;
}

/** Hand the events of the server's one event socket to a listener. Returns the function that stops it. */
export function listen(events: Event.IManager, listener: IListener): () => void {
  const slot = (_: Event.IManager, emission: Event.Emission): void => {
    switch (emission.schema_id) {
      case RUN_CHANGED:
        return listener.run(emission['run'] as unknown as IRun);
      case CATALOG_CHANGED:
        return emission['catalog'] ? listener.catalogChanged(String(emission['catalog'])) : listener.projectChanged();
      case JOBS_CHANGED:
        return listener.jobs();
    }
  };
  events.stream.connect(slot);
  return () => void events.stream.disconnect(slot);
}
