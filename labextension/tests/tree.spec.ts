import { INode, TreeModel } from '../src/catalog/tree';

/** A loader whose answers the test gives, one by one. */
class Answers {
  readonly asked: { give: (nodes: INode[]) => void; fail: (error: Error) => void }[] = [];
  readonly load = (): Promise<INode[]> =>
    new Promise((give, fail) => {
      this.asked.push({ give, fail });
    });
}

const leaf = (key: string): INode => ({ key, kind: 'table', label: key });
const settle = (): Promise<void> => new Promise(done => setTimeout(done));

function shape(tree: TreeModel): string[] {
  return tree.rows.map(row => '  '.repeat(row.level) + (row.type === 'node' ? row.node.label : `(${row.type})`));
}

function pathOf(tree: TreeModel, label: string): string {
  return tree.rows.find(row => row.type === 'node' && row.node.label === label)!.path;
}

describe('TreeModel', () => {
  it('asks for nothing before it is told to', async () => {
    const roots = new Answers();
    const tree = new TreeModel(roots.load);
    expect([roots.asked.length, tree.started, shape(tree)]).toEqual([0, false, ['(loading)']]);
  });

  it('loads a branch when it is first opened, once', async () => {
    const inside = new Answers();
    const tree = new TreeModel(async () => [{ ...leaf('dev'), children: inside.load }]);
    await tree.load();
    expect(shape(tree)).toEqual(['dev']);
    const opening = tree.toggle(pathOf(tree, 'dev'));
    expect(shape(tree)).toEqual(['dev', '  (loading)']);
    inside.asked[0]!.give([leaf('silver')]);
    await opening;
    expect(shape(tree)).toEqual(['dev', '  silver']);
    await tree.toggle(pathOf(tree, 'dev'));
    await tree.toggle(pathOf(tree, 'dev'));
    expect([inside.asked.length, shape(tree)]).toEqual([1, ['dev', '  silver']]);
  });

  it('shows an error where it happened, and a retry mends it', async () => {
    const inside = new Answers();
    const tree = new TreeModel(async () => [{ ...leaf('dev'), children: inside.load }, leaf('other')]);
    await tree.load();
    void tree.toggle(pathOf(tree, 'dev'));
    inside.asked[0]!.fail(new Error('no'));
    await settle();
    expect(shape(tree)).toEqual(['dev', '  (error)', 'other']);
    const again = tree.loadBranch(pathOf(tree, 'dev'));
    inside.asked[1]!.give([]);
    await again;
    expect(shape(tree)).toEqual(['dev', '  (empty)', 'other']);
  });

  it('keeps open branches open over a reload, shows what was there meanwhile, and forgets what is gone', async () => {
    let names = ['a', 'b'];
    const tables: Record<string, string[]> = { a: ['t1'], b: ['t2'] };
    const tree = new TreeModel(async () =>
      names.map(name => ({ ...leaf(name), children: async () => tables[name]!.map(leaf) }))
    );
    await tree.load();
    await tree.toggle(pathOf(tree, 'a'));
    await tree.toggle(pathOf(tree, 'b'));
    names = ['b', 'c'];
    tables['b'] = ['t2', 't3'];
    tables['c'] = [];
    const reloading = tree.load();
    expect(shape(tree)).toEqual(['a', '  t1', 'b', '  t2']);
    await reloading;
    expect(shape(tree)).toEqual(['b', '  t2', '  t3', 'c']);
    names = ['a'];
    await tree.load();
    expect(shape(tree)).toEqual(['a']);
  });

  it('takes the newest answer, whichever comes last', async () => {
    const roots = new Answers();
    const tree = new TreeModel(roots.load);
    const [first, second] = [tree.load(), tree.load()];
    roots.asked[1]!.give([leaf('new')]);
    roots.asked[0]!.give([leaf('old')]);
    await Promise.all([first, second]);
    expect(shape(tree)).toEqual(['new']);
  });

  it('asks again for a closed branch that changed, when it is opened', async () => {
    let tables = ['t1'];
    const tree = new TreeModel(async () => [{ ...leaf('dev'), children: async () => tables.map(leaf) }]);
    await tree.load();
    await tree.toggle(pathOf(tree, 'dev'));
    await tree.toggle(pathOf(tree, 'dev'));
    tables = ['t1', 't2'];
    await tree.loadRoot('dev');
    expect(shape(tree)).toEqual(['dev']);
    await tree.toggle(pathOf(tree, 'dev'));
    expect(shape(tree)).toEqual(['dev', '  t1', '  t2']);
  });

  it('tells keys apart whatever characters they hold', async () => {
    const tree = new TreeModel(async () => [
      { ...leaf('a,"b'), children: async () => [leaf('x')] },
      { ...leaf('a'), children: async () => [{ ...leaf('b'), children: async () => [leaf('y')] }] }
    ]);
    await tree.load();
    await tree.toggle(pathOf(tree, 'a,"b'));
    await tree.toggle(pathOf(tree, 'a'));
    await tree.toggle(pathOf(tree, 'b'));
    expect(shape(tree)).toEqual(['a,"b', '  x', 'a', '  b', '    y']);
  });
});
