/** Pins as text of cells. */

const CELL_MAGIC = /^%%olo[ \t]+sql\b[^\n]*/;
const PINS = /[ \t]+--(?:as-of|snapshot|ref)(?:[ \t]+|=)(?:'[^']*'|"[^"]*"|\S+)/g;

/** The cell's text with its pin set to a snapshot; null where the text is no `%%olo sql` cell. */
export function pinnedSource(source: string, snapshot: string): string | null {
  const head = CELL_MAGIC.exec(source)?.[0];
  return head === undefined
    ? null
    : `${head.replace(PINS, '').trimEnd()} --snapshot ${snapshot}${source.slice(head.length)}`;
}

/** The line that pins a notebook. */
export const NOTEBOOK_PIN = /^%olo[ \t]+as-of\b.*$/m;

/** The cell that pins a whole notebook to a moment (ISO 8601): every table is read as it was then. */
export function notebookPin(at: string): string {
  return `%olo as-of ${new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC')}`;
}
