/** The result of a `%%olo sql` cell as it stands in the notebook: checked before anything is drawn. */

export const MIME_TYPE = 'application/vnd.olo.result+json';

export interface IColumn {
  name: string;
  /** Trino's name of the type, e.g. `decimal(10,2)`. */
  type: string;
}

export interface IProvenance {
  engine: string;
  queryId: string;
  /** Snapshot id (a decimal string: it has 64 bits) of every table read, by full table name. */
  snapshots: Map<string, string>;
  /** The same for every table written. */
  written: Map<string, string>;
  /** Rows written, where tables were. */
  rows: number | null;
  /** Read from storage, as the engine counts it; null where it doesn't tell. */
  bytes: number | null;
  seconds: number | null;
  sql: string;
  fingerprint: string;
  /** The notebook-wide pin that held, as the user wrote it; '' for none. */
  asOf: string;
}

export interface IBundle {
  columns: IColumn[];
  /** Rows of the whole result; the preview may hold fewer. */
  rows: number;
  /** An Arrow IPC stream, base64. */
  preview: string;
  /** Whether `--limit` cut the result itself. */
  truncated: boolean;
  /** Columns whose values a notebook must not hold: the preview has a mask in their place. */
  masked: ReadonlySet<string>;
  /** What a reader should know besides, as the kernel words it. */
  notes: string[];
  provenance: IProvenance;
}

/** The data isn't a result this version can show; the message says why, for people. */
export class BundleError extends Error {}

type Fields = Record<string, unknown>;

/**
 * Check the data of a MIME bundle.
 *
 * @throws BundleError where a field is missing or has another type than the contract says.
 */
export function readBundle(data: unknown): IBundle {
  const fields = asObject(data, 'the result');
  if (fields['version'] !== 1) {
    throw new BundleError(
      `this version of the extension reads result version 1, not ${JSON.stringify(fields['version'])}`
    );
  }
  const provenance = asObject(fields['provenance'], 'provenance');
  if (!Array.isArray(fields['columns'])) {
    throw new BundleError('columns is not a list');
  }
  const rows = fields['rows'];
  if (typeof rows !== 'number' || !Number.isInteger(rows) || rows < 0) {
    throw new BundleError('rows is not a count');
  }
  return {
    columns: fields['columns'].map((column, index) => {
      const { name, type } = asObject(column, `column ${index + 1}`);
      return {
        name: asString(name, `name of column ${index + 1}`),
        type: asString(type, `type of column ${index + 1}`)
      };
    }),
    rows,
    preview: asString(fields['preview'], 'preview'),
    truncated: fields['truncated'] === true,
    masked: new Set(optionalStrings(fields['masked'])),
    notes: optionalStrings(fields['notes']),
    provenance: {
      engine: asString(provenance['engine'], 'provenance.engine'),
      queryId: optionalString(provenance['query_id']),
      snapshots: readSnapshots(provenance['snapshots'], 'provenance.snapshots'),
      written: readSnapshots(provenance['written'], 'provenance.written'),
      rows: typeof provenance['rows'] === 'number' ? provenance['rows'] : null,
      bytes: typeof provenance['bytes'] === 'number' ? provenance['bytes'] : null,
      seconds: typeof provenance['seconds'] === 'number' ? provenance['seconds'] : null,
      sql: optionalString(provenance['sql']),
      fingerprint: optionalString(provenance['fingerprint']),
      asOf: optionalString(provenance['as_of'])
    }
  };
}

/** Ids that came as numbers too large for a double are not shown: they would be other ids. */
function readSnapshots(value: unknown, what: string): Map<string, string> {
  const snapshots = new Map<string, string>();
  for (const [table, id] of Object.entries(value === undefined ? {} : asObject(value, what))) {
    if (typeof id === 'string' && /^\d+$/.test(id)) {
      snapshots.set(table, id);
    } else if (typeof id === 'number' && Number.isSafeInteger(id)) {
      snapshots.set(table, String(id));
    } else {
      throw new BundleError(`the snapshot id of ${table} is not exact: it must be a string of digits`);
    }
  }
  return snapshots;
}

function asObject(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BundleError(`${what} is not an object`);
  }
  return value as Fields;
}

function asString(value: unknown, what: string): string {
  if (typeof value !== 'string') {
    throw new BundleError(`${what} is not a text`);
  }
  return value;
}

function optionalString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function optionalStrings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
