/** The files of a plan as a tree. Pure. */

import type { IChange } from './answers';

export interface IFileRow {
  /** Indent. */
  depth: number;
  name: string;
  /** null for a folder. */
  change: IChange | null;
}

export type FileState = 'added' | 'changed' | 'removed' | 'same' | 'conflict';

export function stateOf({ before, after, conflict }: IChange): FileState {
  if (conflict) {
    return 'conflict';
  }
  if (before === after) {
    return 'same';
  }
  return before === null ? 'added' : after === null ? 'removed' : 'changed';
}

/** Folders and files, folders that hold one folder only joined: `models/gold`. */
export function fileRows(changes: readonly IChange[]): IFileRow[] {
  interface IFolder {
    folders: Map<string, IFolder>;
    files: [string, IChange][];
  }
  const make = (): IFolder => ({ folders: new Map(), files: [] });
  const root = make();
  for (const change of changes) {
    const parts = change.path.split('/');
    const name = parts.pop()!;
    const folder = parts.reduce((at, part) => {
      const inner = at.folders.get(part) ?? make();
      at.folders.set(part, inner);
      return inner;
    }, root);
    folder.files.push([name, change]);
  }
  const rows: IFileRow[] = [];
  const walk = (folder: IFolder, depth: number): void => {
    for (const [name, inner] of [...folder.folders].sort(([a], [b]) => (a < b ? -1 : 1))) {
      let [label, at] = [name, inner];
      while (!at.files.length && at.folders.size === 1) {
        const [[next, deeper]] = at.folders as unknown as [[string, IFolder]];
        [label, at] = [`${label}/${next}`, deeper];
      }
      rows.push({ depth, name: label, change: null });
      walk(at, depth + 1);
    }
    for (const [name, change] of folder.files.sort(([a], [b]) => (a < b ? -1 : 1))) {
      rows.push({ depth, name, change });
    }
  };
  walk(root, 0);
  return rows;
}
