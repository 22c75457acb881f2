/** The order of values as Trino has it. */

import type { Key } from './model';

/** Negative, zero or positive; NaN is larger than every number, texts compare by code points. */
export function compareKeys(a: Key, b: Key): number {
  if (typeof a === 'string' && typeof b === 'string') {
    return compareTexts(a, b);
  }
  if (a === b) {
    return 0;
  }
  if (a !== a || b !== b) {
    return a === a ? -1 : b === b ? 1 : 0;
  }
  return a < b ? -1 : 1;
}

/** By code points: JavaScript's own order puts characters outside of the first plane before some inside. */
function compareTexts(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) {
      const [leftHalf, rightHalf] = [isSurrogate(left), isSurrogate(right)];
      return leftHalf === rightHalf ? left - right : leftHalf ? 1 : -1;
    }
  }
  return a.length - b.length;
}

/** Half of a character above U+FFFF: larger than any other unit that differs. */
function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
