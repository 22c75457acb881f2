import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Filter } from '../frame/filter';
import { useSettled } from '../frame/hooks';
import { icons } from '../frame/icons';
import { Empty } from '../frame/states';
import { useOlo } from '../frame/widget';
import { searchTree } from './nodes';
import type { TreeModel } from './tree';
import { ITreeActions, TreeView } from './tree-view';

/** The catalogs as a tree, or the tables that the filter finds in all of them. */
export function CatalogSection(props: { tree: TreeModel; actions: ITreeActions }): React.JSX.Element {
  const { tree, actions } = props;
  const { api, trans } = useOlo();
  const [match, setMatch] = React.useState('');
  const settled = useSettled(match.trim());
  const found = React.useMemo(() => (settled ? searchTree(api, trans, settled) : null), [settled]);
  return (
    <>
      <Filter value={match} change={setMatch} label={trans.__('Find tables')} />
      <TreeView
        key={settled}
        model={found ?? tree}
        label={found ? trans.__('Tables found') : trans.__('Catalog')}
        empty={found ? <NotFound match={settled} trans={trans} /> : <NoCatalogs trans={trans} />}
        actions={actions}
      />
    </>
  );
}

function NotFound({ match, trans }: { match: string; trans: TranslationBundle }): React.JSX.Element {
  return <Empty title={trans.__('No table has “%1” in its name', match)} />;
}

function NoCatalogs({ trans }: { trans: TranslationBundle }): React.JSX.Element {
  return (
    <Empty icon={icons['catalog']!} title={trans.__('No catalogs')}>
      {trans.__('Open JupyterLab in a project, or start one with `olo init`.')}
    </Empty>
  );
}
