/** What a reader types to filter one column: `> 10`, `= UA`, `null`, or a part of the text. */

import type { IColumn } from './bundle';
import type { Key } from './model';
import { compareKeys } from './order';

export interface ICondition {
  /** Whether a value passes. `key` is undefined where the column has no order. */
  test(text: string | null, key: Key | null | undefined): boolean;
}

/** The condition can't be applied to the column; the message says why, for people. */
export class ConditionError extends Error {}

const COMPARISON = /^(<=|>=|<>|!=|=|<|>)\s*(.*)$/s;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/;
const MOMENT = /^(\d{4,})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(?:\s*(?:UTC|Z))?$/;
const CLOCK = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/;

/**
 * Read a condition on a column.
 *
 * `null` and `not null` ask for NULL; `= <> < <= > >=` compare as Trino does; anything else is looked for in the text,
 * whatever its case.
 *
 * @returns null for an empty text: everything passes.
 * @throws ConditionError where the literal is none of the column's type.
 */
export function readCondition(text: string, { type }: IColumn): ICondition | null {
  const wanted = text.trim();
  if (!wanted) {
    return null;
  }
  if (/^(is\s+)?null$/i.test(wanted)) {
    return { test: value => value === null };
  }
  if (/^(is\s+)?not\s+null$/i.test(wanted)) {
    return { test: value => value !== null };
  }
  const comparison = COMPARISON.exec(wanted);
  if (!comparison) {
    const part = wanted.toLowerCase();
    return { test: value => value !== null && value.toLowerCase().includes(part) };
  }
  const [, operator, literal] = comparison as unknown as [string, string, string];
  const compare = comparer(literal.trim(), type);
  return {
    test: (value, key) => {
      if (value === null || key === null || key === undefined) {
        return false;
      }
      // Unordered: neither less nor greater nor equal, as NaN is to every number.
      const order = compare(key);
      switch (operator) {
        case '=':
          return order === 0;
        case '<>':
        case '!=':
          return order !== 0;
        case '<':
          return order < 0;
        case '<=':
          return order <= 0;
        case '>':
          return order > 0;
        default:
          return order >= 0;
      }
    }
  };
}

/** How a key compares to a literal; NaN where it doesn't. */
function comparer(literal: string, type: string): (key: Key) => number {
  const base = /^[a-z ]+/.exec(type)?.[0].trim() ?? '';
  switch (base) {
    case 'varchar':
    case 'char':
    case 'uuid':
    case 'json': {
      const text = unquoted(literal);
      return key => compareKeys(String(key), text);
    }
    case 'boolean': {
      if (!/^(true|false)$/i.test(literal)) {
        throw new ConditionError(`${literal || 'nothing'} is not true or false`);
      }
      const wanted = Number(literal.toLowerCase() === 'true');
      return key => Number(key) - wanted;
    }
    case 'real':
    case 'double': {
      const wanted = Number(number(literal));
      // A real is shown by its shortest digits: 0.1 means the 32-bit number next to it.
      const stored = base === 'real' ? Math.fround(wanted) : wanted;
      return key => Number(key) - stored;
    }
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'bigint':
      return exact(literal, 0);
    case 'decimal':
      return exact(literal, Number(/,\s*(\d+)\)/.exec(type)?.[1] ?? 0));
    case 'date':
    case 'timestamp': {
      const wanted = moment(unquoted(literal));
      return key => compareKeys(BigInt(key), wanted);
    }
    case 'time': {
      const clock = CLOCK.exec(unquoted(literal));
      if (!clock) {
        throw new ConditionError(`${literal || 'nothing'} is not a time like 06:30 or 06:30:00.5`);
      }
      const wanted = clockNanoseconds(clock[1], clock[2], clock[3], clock[4]);
      return key => compareKeys(BigInt(key), wanted);
    }
    default:
      throw new ConditionError(`values of type ${type} don't compare here: write a part of the text, or null`);
  }
}

function unquoted(literal: string): string {
  const quoted = /^'(.*)'$/s.exec(literal);
  return quoted ? quoted[1]!.replaceAll("''", "'") : literal;
}

function number(literal: string): string {
  if (!NUMBER.test(literal)) {
    throw new ConditionError(`${literal || 'nothing'} is not a number`);
  }
  return literal;
}

/** Integers and decimals, without passing through doubles. */
function exact(literal: string, scale: number): (key: Key) => number {
  const parts = DECIMAL.exec(number(literal));
  if (!parts) {
    throw new ConditionError(`write ${literal} without an exponent`);
  }
  const fraction = parts[3] ?? '';
  const digits = Math.max(scale, fraction.length);
  const unsigned = BigInt(`${parts[2] || '0'}${fraction.padEnd(digits, '0')}`);
  const wanted = parts[1] === '-' ? -unsigned : unsigned;
  const factor = 10n ** BigInt(digits - scale);
  return key => compareKeys(BigInt(key) * factor, wanted);
}

function moment(literal: string): bigint {
  const parts = MOMENT.exec(literal);
  const [year, month, day] = [Number(parts?.[1]), Number(parts?.[2]), Number(parts?.[3])];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (!parts || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    throw new ConditionError(`${literal || 'nothing'} is not a date or time like 2026-01-31 or 2026-01-31 06:30:00`);
  }
  return BigInt(date.getTime()) * 1_000_000n + clockNanoseconds(parts[4], parts[5], parts[6], parts[7]);
}

function clockNanoseconds(hours = '0', minutes = '0', seconds = '0', fraction = ''): bigint {
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0') || '0');
}
