import * as React from 'react';

import type { IApi } from '../frame/api';
import { Filter } from '../frame/filter';
import { useSettled } from '../frame/hooks';
import { Paged } from '../frame/paged';
import { PagedList } from '../frame/paged-list';
import { Empty } from '../frame/states';
import { Tabs } from '../frame/tabs';
import { useOlo } from '../frame/widget';
import { Ago } from '../jobs/state';
import type { IExperiment, IExperimentList, IModel } from './answers';

/** Experiments and registered models by name. */
export function ExperimentsSection({ lists }: { lists: Set<Paged<never>> }): React.JSX.Element {
  const olo = useOlo();
  const { api, trans } = olo;
  const [tab, setTab] = React.useState('experiments');
  const [typed, setTyped] = React.useState('');
  const text = useSettled(typed);
  const experiments = React.useMemo(() => experimentList(api, text), [api, text]);
  const models = React.useMemo(() => modelList(api, text), [api, text]);
  React.useEffect(() => {
    const own = [experiments, models] as unknown as Paged<never>[];
    own.forEach(list => lists.add(list));
    const followed = own.map(list => olo.events.follow(list, []));
    return () => {
      own.forEach(list => lists.delete(list));
      followed.forEach(one => one.dispose());
    };
  }, [experiments, models]);
  return (
    <div className="olo-Jobs">
      <Filter value={typed} change={setTyped} label={trans.__('Filter experiments and models')} />
      <Tabs
        label={trans.__('Experiments and models')}
        chosen={tab}
        choose={setTab}
        tabs={[
          {
            id: 'experiments',
            label: trans.__('Experiments'),
            render: () => (
              <PagedList
                list={experiments}
                label={trans.__('Experiments')}
                itemKey={({ id }) => id}
                empty={<Empty>{typed ? trans.__('Nothing fits.') : trans.__('No experiments yet.')}</Empty>}
              >
                {({ id, name, updated }) => (
                  <button className="olo-Run" title={name} onClick={() => olo.open('experiment', id)}>
                    <span className="olo-Run-job">{name}</span>
                    <span className="olo-Run-when">
                      <Ago at={updated} />
                    </span>
                  </button>
                )}
              </PagedList>
            )
          },
          {
            id: 'models',
            label: trans.__('Models'),
            render: () => (
              <PagedList
                list={models}
                label={trans.__('Models')}
                itemKey={({ name }) => name}
                empty={<Empty>{typed ? trans.__('Nothing fits.') : trans.__('No registered models yet.')}</Empty>}
              >
                {({ name, aliases, versions }) => (
                  <button className="olo-Run" title={name} onClick={() => olo.open('model', name)}>
                    <span className="olo-Run-job">{name}</span>
                    <span className="olo-Run-when">
                      {Object.entries(aliases)
                        .map(([alias, version]) => `@${alias} ${version}`)
                        .join(' ') ||
                        (versions[0] && trans.__('version %1', versions[0].version))}
                    </span>
                  </button>
                )}
              </PagedList>
            )
          }
        ]}
      />
    </div>
  );
}

function experimentList(api: IApi, text: string): Paged<IExperiment> {
  return new Paged(async page => {
    const { experiments, next } = await api.get<IExperimentList>('experiments', { text, page });
    return { items: experiments, next, total: null };
  });
}

function modelList(api: IApi, text: string): Paged<IModel> {
  return new Paged(async page => {
    const { models, next } = await api.get<{ models: IModel[]; next: string }>('models', { text, page });
    return { items: models, next, total: null };
  });
}
