/** Git's conflict marks, taken apart. Pure. */

export interface IHunk {
  /** Line of the opening mark, from 1. */
  line: number;
  /** What the repository has, what was generated last ('' where the marks don't say), what is generated now. */
  repository: string;
  generated: string;
}

/** The hunks of a file with marks, in order. */
export function hunksOf(text: string): IHunk[] {
  const hunks: IHunk[] = [];
  let side: 'repository' | 'base' | 'generated' | null = null;
  let hunk = { line: 0, repository: [] as string[], generated: [] as string[] };
  text.split('\n').forEach((line, index) => {
    if (side === null) {
      if (line.startsWith('<<<<<<< ')) {
        hunk = { line: index + 1, repository: [], generated: [] };
        side = 'repository';
      }
    } else if (side === 'repository' && line.startsWith('||||||| ')) {
      side = 'base';
    } else if (side !== 'generated' && line === '=======') {
      side = 'generated';
    } else if (side === 'generated' && line.startsWith('>>>>>>> ')) {
      hunks.push({ line: hunk.line, repository: hunk.repository.join('\n'), generated: hunk.generated.join('\n') });
      side = null;
    } else if (side !== 'base') {
      hunk[side].push(line);
    }
  });
  return hunks;
}
