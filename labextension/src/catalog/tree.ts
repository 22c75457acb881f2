import { Watched } from '../frame/resource';

/** A place in a tree whose children are asked for when it is first opened. */
export interface INode {
  /** Unique among its siblings, the same after a reload. */
  readonly key: string;
  readonly kind: string;
  readonly label: string;
  readonly detail?: string;
  readonly title?: string;
  /** What to put into a statement for this node: a table's or a column's name, a snapshot's id. */
  readonly sqlName?: string;
  /** What to read it from in a statement: a table, or a table at a point. */
  readonly from?: string;
  /** A table's or view's own view, by its id. */
  readonly view?: string;
  /** In place of siblings that are not read yet: reads them, with such a node at their end again. */
  readonly more?: () => Promise<INode[]>;
  /** Absent in leaves. */
  readonly children?: () => Promise<INode[]>;
}

/** A line of the tree as it is drawn. */
export type Row =
  | {
      type: 'node';
      path: string;
      parent: string;
      level: number;
      node: INode;
      expanded: boolean | null;
      position: number;
      size: number;
    }
  | { type: 'loading' | 'empty'; path: string; level: number }
  | { type: 'error'; path: string; level: number; error: Error };

interface IBranch {
  expanded: boolean;
  /** null until the first load ended well. */
  children: INode[] | null;
  error: Error | null;
  loading: boolean;
  /** Counts loads, so that an answer that comes late doesn't replace a newer one. */
  turn: number;
}

const ROOT = '';

/** A lazily loaded tree, and which of its branches are open. */
export class TreeModel extends Watched {
  constructor(roots: () => Promise<INode[]>) {
    super();
    this.#loaders.set(ROOT, roots);
    this.#branches.set(ROOT, { expanded: true, children: null, error: null, loading: false, turn: 0 });
  }

  /** The lines to draw, top to bottom. */
  get rows(): Row[] {
    const rows: Row[] = [];
    this.#collect(ROOT, 0, rows);
    return rows;
  }

  /** Whether the roots were asked for. */
  get started(): boolean {
    return this.#branches.get(ROOT)!.turn > 0;
  }

  /** Open or close a branch. Opening loads what isn't there yet. */
  async toggle(path: string, expanded?: boolean): Promise<void> {
    const branch = this.#branches.get(path);
    if (!branch || branch.expanded === (expanded ?? !branch.expanded)) {
      return;
    }
    branch.expanded = !branch.expanded;
    this.draw();
    if (branch.expanded && branch.children === null && !branch.loading) {
      await this.loadBranch(path);
    }
  }

  protected read(): Promise<void> {
    return this.loadBranch(ROOT);
  }

  /** Load a branch again, and every open branch below it. What is shown stays until the answers are there. */
  async loadBranch(path: string): Promise<void> {
    const branch = this.#branches.get(path);
    const loader = this.#loaders.get(path);
    if (!branch || !loader) {
      return;
    }
    const turn = ++branch.turn;
    branch.loading = true;
    this.draw();
    let children: INode[] | null = null;
    let failure: Error | null = null;
    try {
      children = await loader();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    if (turn !== branch.turn || this.#branches.get(path) !== branch) {
      return;
    }
    branch.loading = false;
    branch.error = failure;
    if (children) {
      this.#adopt(path, branch.children ?? [], children);
      branch.children = children;
    }
    this.draw();
    await Promise.all(
      (children ?? []).map(child => {
        const below = join(path, child.key);
        const open = this.#branches.get(below);
        if (open?.expanded) {
          return this.loadBranch(below);
        }
        if (open) {
          open.children = null;
        }
        return undefined;
      })
    );
  }

  /** Read what a node stands in place of, at the end of the branch `path`. A failure leaves it there to try again. */
  async extend(path: string, node: INode): Promise<void> {
    const branch = this.#branches.get(path);
    const turn = branch?.turn;
    const added = await node.more?.();
    if (added && branch?.children?.includes(node) && branch.turn === turn) {
      const kept = branch.children.filter(child => child !== node);
      this.#adopt(path, [], added);
      branch.children = [...kept, ...added];
      this.draw();
    }
  }

  /** Load the branch of a root again, where there is one. */
  async loadRoot(key: string): Promise<void> {
    const path = join(ROOT, key);
    const branch = this.#branches.get(path);
    if (branch?.expanded) {
      await this.loadBranch(path);
    } else if (branch) {
      branch.children = null;
    }
  }

  #adopt(path: string, old: INode[], children: INode[]): void {
    const kept = new Set(children.filter(child => child.children).map(child => child.key));
    for (const { key } of old) {
      if (!kept.has(key)) {
        this.#forget(join(path, key));
      }
    }
    for (const { key, children: loader } of children) {
      if (loader) {
        const below = join(path, key);
        this.#loaders.set(below, loader);
        if (!this.#branches.has(below)) {
          this.#branches.set(below, { expanded: false, children: null, error: null, loading: false, turn: 0 });
        }
      }
    }
  }

  #forget(path: string): void {
    for (const { key } of this.#branches.get(path)?.children ?? []) {
      this.#forget(join(path, key));
    }
    this.#branches.delete(path);
    this.#loaders.delete(path);
  }

  #collect(path: string, level: number, rows: Row[]): void {
    const branch = this.#branches.get(path)!;
    if (branch.error) {
      rows.push({ type: 'error', path, level, error: branch.error });
    } else if (branch.children === null) {
      rows.push({ type: 'loading', path, level });
    } else if (branch.children.length === 0) {
      rows.push({ type: 'empty', path, level });
    } else {
      branch.children.forEach((node, index, all) => {
        const below = join(path, node.key);
        const expanded = node.children ? this.#branches.get(below)!.expanded : null;
        rows.push({
          type: 'node',
          path: below,
          parent: path,
          level,
          node,
          expanded,
          position: index + 1,
          size: all.length
        });
        if (expanded) {
          this.#collect(below, level + 1, rows);
        }
      });
    }
  }

  readonly #branches = new Map<string, IBranch>();
  readonly #loaders = new Map<string, () => Promise<INode[]>>();
}

/** Keys may hold any character, so a path is a JSON list without its brackets. */
function join(path: string, key: string): string {
  return path ? `${path},${JSON.stringify(key)}` : JSON.stringify(key);
}
