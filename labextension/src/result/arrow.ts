/** The Arrow side of a preview. Loaded when the first result is drawn: apache-arrow is the largest part of the extension. */

import { Data, DataType, Field, Table, tableFromIPC, TimeUnit, Vector } from 'apache-arrow';

import type { IPreview, Key } from './model';

const NANOSECONDS: Record<TimeUnit, bigint> = {
  [TimeUnit.SECOND]: 1_000_000_000n,
  [TimeUnit.MILLISECOND]: 1_000_000n,
  [TimeUnit.MICROSECOND]: 1_000n,
  [TimeUnit.NANOSECOND]: 1n
};
const DAY = 86_400_000_000_000n;

/**
 * Read an Arrow IPC stream.
 *
 * @param base64 - The stream's bytes.
 * @param types - Trino's type of each column; they decide how many digits a fraction of a second has.
 * @throws Error where the bytes are no Arrow stream or its columns aren't as many as `types`.
 */
export function readPreview(base64: string, types: string[]): IPreview {
  const table: Table = tableFromIPC(bytesOf(base64));
  if (table.numCols !== types.length) {
    throw new Error(`the preview has ${table.numCols} columns, not ${types.length}`);
  }
  const vectors = types.map((_, index) => table.getChildAt(index) as Vector);
  const readers = vectors.map((vector, index) => keyReader(vector, types[index]!));
  const known = new Map<number, (Key | null)[] | undefined>();
  return {
    rows: table.numRows,
    text: (row, column) => cellText(vectors[column]!, row, types[column]),
    isNumber: column => isNumeric(vectors[column]!.type),
    isOrdered: column => readers[column] !== undefined,
    keys: column => {
      if (!known.has(column)) {
        known.set(column, readers[column] && columnKeys(vectors[column]!, readers[column]));
      }
      return known.get(column);
    }
  };
}

/** A call a character, as `Uint8Array.from` makes it, would take a second for some megabytes. */
function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    bytes[at] = text.charCodeAt(at);
  }
  return bytes;
}

/** Types that Arrow holds as texts, and whose order is the texts' own. */
const ORDERED_TEXT = /^(varchar|char|uuid|json)\b/;

/** Reads the value of a row (`index` within `data`) so that it compares as Trino orders it. */
type ReadKey = (data: Data, index: number, row: number) => Key | null;

/** How a column's values are read in Trino's order; undefined where texts would come in another order than values. */
function keyReader(vector: Vector, type: string): ReadKey | undefined {
  const arrow = vector.type as DataType;
  if (DataType.isTimestamp(arrow) || DataType.isTime(arrow)) {
    const factor = NANOSECONDS[arrow.unit as TimeUnit];
    return (data, index) => BigInt(data.values[index]) * factor;
  }
  if (DataType.isDate(arrow)) {
    return (data, index) => {
      const stored = data.values[index];
      return typeof stored === 'bigint' ? stored * 1_000_000n : BigInt(stored) * DAY;
    };
  }
  if (DataType.isDecimal(arrow)) {
    return (data, index) => decimalValue(data.values.subarray(data.stride * index, data.stride * (index + 1)));
  }
  if (DataType.isInt(arrow) || DataType.isDuration(arrow)) {
    return (data, index) => data.values[index] as number | bigint;
  }
  if (DataType.isFloat(arrow) || DataType.isBool(arrow)) {
    return (_data, _index, row) => Number(vector.get(row));
  }
  if ((DataType.isUtf8(arrow) || DataType.isDictionary(arrow)) && ORDERED_TEXT.test(type)) {
    return (_data, _index, row) => cellText(vector, row, type);
  }
  return DataType.isNull(arrow) ? () => null : undefined;
}

function columnKeys(vector: Vector, read: ReadKey): (Key | null)[] {
  const keys: (Key | null)[] = [];
  for (const data of vector.data as readonly Data[]) {
    for (let index = 0; index < data.length; index++) {
      keys.push(data.getValid(index) ? read(data, index, keys.length) : null);
    }
  }
  return keys;
}

function isNumeric(type: DataType): boolean {
  return DataType.isInt(type) || DataType.isFloat(type) || DataType.isDecimal(type);
}

/**
 * A value as Trino's command line prints it, null for NULL. Dates and decimals come from the stored integers: Arrow's own
 * getters go through doubles and lose digits.
 */
function cellText(vector: Vector, row: number, type = ''): string | null {
  const [data, index] = locate(vector, row);
  if (!data || !data.getValid(index)) {
    return null;
  }
  const arrow = vector.type as DataType;
  if (DataType.isNull(arrow)) {
    return null;
  }
  if (DataType.isTimestamp(arrow)) {
    const instant = BigInt(data.values[index]) * NANOSECONDS[arrow.unit as TimeUnit];
    return `${dateText(floorDivide(instant, DAY))} ${timeText(modulo(instant, DAY), type)}${arrow.timezone ? ` ${arrow.timezone}` : ''}`;
  }
  if (DataType.isDate(arrow)) {
    const stored = data.values[index];
    // Days are 32-bit integers, milliseconds 64-bit ones.
    return dateText(typeof stored === 'bigint' ? floorDivide(stored, 86_400_000n) : BigInt(stored));
  }
  if (DataType.isTime(arrow)) {
    return timeText(BigInt(data.values[index]) * NANOSECONDS[arrow.unit as TimeUnit], type);
  }
  if (DataType.isDecimal(arrow)) {
    return decimalText(data.values.subarray(data.stride * index, data.stride * (index + 1)), arrow.scale);
  }
  if (DataType.isFloat(arrow)) {
    return floatText(vector.get(row) as number, arrow.precision === 1);
  }
  if (DataType.isDictionary(arrow)) {
    return cellText(data.dictionary as Vector, Number(data.values[index]), type);
  }
  if (DataType.isList(arrow) || DataType.isFixedSizeList(arrow)) {
    return `[${texts(vector.get(row) as Vector).join(', ')}]`;
  }
  if (DataType.isStruct(arrow)) {
    const fields = arrow.children as Field[];
    return `{${fields.map((field, at) => `${field.name}=${childText(data, at, index)}`).join(', ')}}`;
  }
  if (DataType.isMap(arrow)) {
    const entries = data.children[0]!;
    const [from, to] = [Number(data.valueOffsets[index]), Number(data.valueOffsets[index + 1])];
    const pairs = Array.from({ length: to - from }, (_, at) =>
      [0, 1].map(side => childText(entries, side, from + at)).join('=')
    );
    return `{${pairs.join(', ')}}`;
  }
  const value: unknown = vector.get(row);
  return value instanceof Uint8Array ? hexText(value) : String(value);
}

function locate(vector: Vector, row: number): [Data | undefined, number] {
  let index = row;
  for (const data of vector.data as readonly Data[]) {
    if (index < data.length) {
      return [data, index];
    }
    index -= data.length;
  }
  return [undefined, 0];
}

function texts(vector: Vector): string[] {
  return Array.from({ length: vector.length }, (_, row) => cellText(vector, row) ?? 'NULL');
}

function childText(data: Data, child: number, row: number): string {
  return cellText(new Vector([data.children[child]!]), row) ?? 'NULL';
}

/** A number of days since 1970-01-01 as a proleptic Gregorian date; years may be negative or have more than four digits. */
function dateText(days: bigint): string {
  // Date covers ±100,000,000 days; 400 Gregorian years have 146,097 days.
  const cycles = floorDivide(days, 146_097n);
  const date = new Date(Number(days - cycles * 146_097n) * 86_400_000);
  const year = BigInt(date.getUTCFullYear()) + cycles * 400n;
  const digits = String(year < 0n ? -year : year).padStart(4, '0');
  return `${year < 0n ? '-' : ''}${digits}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

function timeText(nanoseconds: bigint, type: string): string {
  const seconds = Number(nanoseconds / 1_000_000_000n);
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const fraction = String(nanoseconds % 1_000_000_000n).padStart(9, '0');
  const digits = Number(/\((\d+)\)/.exec(type)?.[1] ?? fraction.replace(/0+$/, '').length);
  // A column of midnights reads better without its zeros; any other fraction keeps all digits of its type.
  return Number(fraction) === 0
    ? clock
    : `${clock}.${fraction.slice(0, Math.max(digits, fraction.replace(/0+$/, '').length))}`;
}

/** Little-endian 32-bit words of a two's complement integer, times 10^-scale. */
function decimalText(words: Uint32Array, scale: number): string {
  const value = decimalValue(words);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${value < 0n ? '-' : ''}${whole}${scale ? `.${digits.slice(-scale)}` : ''}`;
}

function decimalValue(words: Uint32Array): bigint {
  const unsigned = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return BigInt.asIntN(words.length * 32, unsigned);
}

function floatText(value: number, single: boolean): string {
  if (!single || !Number.isFinite(value)) {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  // The shortest digits that are the same 32-bit number: 0.1, not 0.10000000149011612.
  for (let precision = 1; precision < 9; precision++) {
    const short = Number(value.toPrecision(precision));
    if (Math.fround(short) === value) {
      return String(short);
    }
  }
  return String(Number(value.toPrecision(9)));
}

function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(' ');
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function floorDivide(value: bigint, by: bigint): bigint {
  return (value - modulo(value, by)) / by;
}

function modulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}
