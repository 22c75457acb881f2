import type { TranslationBundle } from '@jupyterlab/translation';

import { IApi, route } from '../frame/api';
import type { ICatalog, IColumn, ITable, ITableDetail } from './answers';
import { INode, TreeModel } from './tree';

/** The catalogs as a tree: catalog → namespace → table → columns, branches, tags and snapshots. */
export function catalogTree(api: IApi, trans: TranslationBundle): TreeModel {
  const nodes = new CatalogNodes(api, trans);
  return new TreeModel(async () =>
    (await api.get<{ catalogs: ICatalog[] }>('catalogs')).catalogs.map(catalog => nodes.catalog(catalog))
  );
}

class CatalogNodes {
  constructor(
    private readonly api: IApi,
    private readonly trans: TranslationBundle
  ) {}

  catalog({ name, access, sandbox }: ICatalog): INode {
    const governed = access === 'trino';
    return {
      key: name,
      kind: 'catalog',
      label: name,
      detail: governed ? this.trans.__('governed') : sandbox ? this.trans.__('your sandbox') : '',
      title: governed ? this.trans.__('Only Trino may read this catalog: run its queries with --engine trino.') : name,
      children: async () => {
        const { namespaces } = await this.api.get<{ namespaces: string[] }>(route`catalogs/${name}/namespaces`);
        return namespaces.map(namespace => this.namespace(name, namespace));
      }
    };
  }

  namespace(catalog: string, name: string): INode {
    return {
      key: name,
      kind: 'namespace',
      label: name,
      title: `${catalog}.${name}`,
      children: async () => {
        const tables = route`catalogs/${catalog}/namespaces/${name}/tables`;
        return (await this.api.get<{ tables: ITable[] }>(tables)).tables.map(table => ({
          key: table.name,
          kind: 'table',
          label: table.name,
          title: table.sql_name,
          sqlName: table.sql_name,
          from: table.sql_name,
          children: async () => this.inside(await this.api.get(`${tables}/${encodeURIComponent(table.name)}`))
        }));
      }
    };
  }

  private inside(table: ITableDetail): INode[] {
    const refs = table.refs.filter(ref => ref.name !== 'main');
    return [
      ...table.columns.map(column => this.column(column)),
      ...refs.map(ref => this.ref(table, ref)),
      this.history(table)
    ];
  }

  private column({ name, sql_name, type, required, comment }: IColumn): INode {
    return {
      key: `column ${name}`,
      kind: 'column',
      label: name,
      detail: type,
      title: [`${name} ${type}`, required && this.trans.__('never null'), comment].filter(Boolean).join('\n'),
      sqlName: sql_name
    };
  }

  private ref(table: ITableDetail, { name, kind, snapshot }: ITableDetail['refs'][number]): INode {
    const literal = `'${name.replaceAll("'", "''")}'`;
    return {
      key: `${kind} ${name}`,
      kind,
      label: name,
      detail: kind === 'tag' ? this.trans.__('tag') : this.trans.__('branch'),
      title: this.trans.__('%1 @ snapshot %2', name, snapshot),
      sqlName: literal,
      from: `${table.sql_name} FOR VERSION AS OF ${literal}`
    };
  }

  private history(table: ITableDetail): INode {
    const left = table.snapshot_count - table.snapshots.length;
    const nodes = table.snapshots.map(({ id, at, operation }) => ({
      key: id,
      kind: 'snapshot',
      label: new Date(at).toLocaleString(),
      detail: operation,
      title: this.trans.__('%1 @ snapshot %2', table.sql_name, id),
      sqlName: id,
      from: `${table.sql_name} FOR VERSION AS OF ${id}`
    }));
    return {
      key: 'history',
      kind: 'history',
      label: this.trans._n('%1 snapshot', '%1 snapshots', table.snapshot_count),
      title: left ? this.trans.__('The newest %1 are listed.', table.snapshots.length) : '',
      children: () => Promise.resolve(nodes)
    };
  }
}
