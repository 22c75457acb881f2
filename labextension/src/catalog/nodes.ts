import type { TranslationBundle } from '@jupyterlab/translation';

import { IApi, route } from '../frame/api';
import { momentText } from '../frame/time';
import { joinId } from '../frame/tokens';
import type { ICatalog, IColumn, IFoundTables, ITable, ITableDetail, ITablePage } from './answers';
import { INode, TreeModel } from './tree';

const PAGE = 500;

/** The catalogs as a tree: catalog → namespace → table → columns, branches, tags and snapshots. */
export function catalogTree(api: IApi, trans: TranslationBundle): TreeModel {
  const nodes = new CatalogNodes(api, trans);
  return new TreeModel(async () =>
    (await api.get<{ catalogs: ICatalog[] }>('catalogs')).catalogs.map(catalog => nodes.catalog(catalog))
  );
}

/** Tables of all catalogs whose names hold the words, flat. */
export function searchTree(api: IApi, trans: TranslationBundle, match: string): TreeModel {
  const nodes = new CatalogNodes(api, trans);
  return new TreeModel(async () => {
    const { tables, more, left_out } = await api.get<IFoundTables>('tables', { match, limit: PAGE });
    const found = tables.map(table =>
      nodes.table(table.catalog, table.namespace, table, `${table.catalog}.${table.namespace}`)
    );
    const notes = Object.entries(left_out).map(([catalog, reason]) => ({
      key: `left out ${catalog}`,
      kind: 'note',
      label: trans.__('%1 was not searched', catalog),
      title: reason
    }));
    const rest = { key: 'rest', kind: 'note', label: trans.__('There are more: type more of the name') };
    return [...found, ...(more ? [rest] : []), ...notes];
  });
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
      children: () => this.page(catalog, name, '')
    };
  }

  /** The tables after a name, and a node in place of those that follow them. */
  private async page(catalog: string, namespace: string, after: string): Promise<INode[]> {
    const path = route`catalogs/${catalog}/namespaces/${namespace}/tables`;
    const { tables, count, next } = await this.api.get<ITablePage>(path, { after, limit: PAGE });
    const nodes = tables.map(table => this.table(catalog, namespace, table));
    const more: INode = {
      key: `more ${next}`,
      kind: 'more',
      label: this.trans.__('Show more of %1…', count.toLocaleString()),
      title: this.trans.__('The filter above finds a table faster.'),
      more: () => this.page(catalog, namespace, next!)
    };
    return next === null ? nodes : [...nodes, more];
  }

  table(catalog: string, namespace: string, table: ITable, detail = ''): INode {
    const path = route`catalogs/${catalog}/namespaces/${namespace}/tables/${table.name}`;
    return {
      key: detail ? joinId(catalog, namespace, table.name) : table.name,
      kind: table.kind,
      label: table.name,
      detail: detail || (table.kind === 'view' ? this.trans.__('view') : ''),
      title: table.sql_name,
      sqlName: table.sql_name,
      from: table.sql_name,
      view: joinId(catalog, namespace, table.name),
      children: async () => this.inside(await this.api.get(path))
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
      label: momentText(at),
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
