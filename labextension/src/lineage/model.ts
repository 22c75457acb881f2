import { ISignal, Signal } from '@lumino/signaling';

import type { IApi } from '../frame/api';
import type { IColumnGraph, ILineageEdge, ILineageGraph, ILineageNode, LineageState } from './answers';

/** Nodes of one answer at most. */
const MOST = 2000;

export type Side = 'upstream' | 'downstream';

export interface ILineageFilter {
  /** '' for all. */
  namespace: string;
  state: LineageState | 'failing' | '';
}

/** A lineage graph that grows: it begins with one node and its neighbours, and is expanded where somebody asks. */
export class LineageModel {
  constructor(
    private readonly api: IApi,
    readonly root: string
  ) {}

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  /** null before the first answer. */
  get nodes(): ReadonlyMap<string, ILineageNode> | null {
    return this.#nodes;
  }

  get edges(): readonly ILineageEdge[] {
    return this.#edgeList;
  }

  get error(): Error | null {
    return this.#error;
  }

  /** The nodes that are being expanded. */
  get expanding(): ReadonlySet<string> {
    return this.#expanding;
  }

  /** An answer had to be cut. */
  get truncated(): boolean {
    return this.#truncated;
  }

  /** What the chosen column is made of, and what of it. */
  get columns(): IColumnGraph | null {
    return this.#columns;
  }

  /** Read the first part, and again what was expanded. */
  async load(): Promise<void> {
    await this.#read(() => this.#around(this.root, 1, 'both'));
    for (const [id, side] of [...this.#expanded].map(key => key.split('\n') as [string, Side])) {
      await this.#read(() => this.#around(id, 1, side));
    }
  }

  /** Show the neighbours of a node on one side. */
  async expand(id: string, side: Side): Promise<void> {
    this.#expanding.add(id);
    this.#changed.emit();
    await this.#read(() => this.#around(id, 1, side));
    this.#expanding.delete(id);
    if (!this.#error) {
      this.#expanded.add(`${id}\n${side}`);
    }
    this.#changed.emit();
  }

  /** Show everything within so many steps of the root. */
  async expandAll(depth: number): Promise<void> {
    await this.#read(() => this.#around(this.root, depth, 'both'));
  }

  /** How many neighbours of a node aren't shown on a side. */
  hidden(node: ILineageNode, side: Side): number {
    const shown = this.edges.filter(edge => (side === 'upstream' ? edge.target : edge.source) === node.id).length;
    return Math.max(0, node[side] - shown);
  }

  /** Follow a column; null to stop. */
  async trace(node: string, column: string | null): Promise<void> {
    const turn = ++this.#turn;
    if (column === null) {
      this.#columns = null;
      this.#changed.emit();
      return;
    }
    await this.#read(async () => {
      const found = await this.api.get<IColumnGraph>('lineage/columns', { node, column, depth: 5 });
      if (turn === this.#turn) {
        this.#columns = found;
      }
    });
  }

  /** The nodes that a filter leaves; the root stays. */
  filtered(filter: ILineageFilter): ILineageNode[] {
    return [...(this.#nodes?.values() ?? [])].filter(node => node.id === this.root || fits(node, filter));
  }

  async #around(node: string, depth: number, direction: Side | 'both'): Promise<void> {
    const found = await this.api.get<ILineageGraph>('lineage/graph', { node, depth, direction, limit: MOST });
    this.#truncated ||= found.truncated;
    this.#nodes ??= new Map();
    for (const one of found.nodes) {
      this.#nodes.set(one.id, one);
    }
    for (const edge of found.edges) {
      this.#edges.set(`${edge.source}\n${edge.target}`, edge);
    }
    this.#edgeList = [...this.#edges.values()];
  }

  async #read(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#error = null;
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error));
    }
    this.#changed.emit();
  }

  readonly #changed = new Signal<this, void>(this);
  readonly #edges = new Map<string, ILineageEdge>();
  #edgeList: readonly ILineageEdge[] = [];
  readonly #expanding = new Set<string>();
  readonly #expanded = new Set<string>();
  #nodes: Map<string, ILineageNode> | null = null;
  #columns: IColumnGraph | null = null;
  #error: Error | null = null;
  #truncated = false;
  #turn = 0;
}

/** The node of a table: what its lineage is opened by. */
export function tableNode(catalog: string, namespace: string, table: string): string {
  return `dataset:${catalog}:${namespace}.${table}`;
}

function fits(node: ILineageNode, { namespace, state }: ILineageFilter): boolean {
  return (
    (!namespace || node.namespace === namespace) &&
    (!state || (state === 'failing' ? (node.tests?.failed ?? 0) > 0 : node.run?.state === state))
  );
}

/** How fresh a dataset is: whether it was written within the last day, the last week, or before. */
export function freshness(updated: string | null, now: number): 'fresh' | 'old' | 'stale' | 'unknown' {
  if (updated === null) {
    return 'unknown';
  }
  const hours = (now - Date.parse(updated)) / 3_600_000;
  return hours <= 24 ? 'fresh' : hours <= 24 * 7 ? 'old' : 'stale';
}
