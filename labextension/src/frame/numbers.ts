/** Numbers for people, in the reader's own language. */

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1,234,567`; a dash where nobody knows. */
export function countText(count: number | null | undefined): string {
  return count === null || count === undefined ? '–' : count.toLocaleString();
}

/** Bytes in powers of a thousand, as the settings count them: `1.2 GB`. */
export function sizeText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) {
    return '–';
  }
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < SIZES.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toLocaleString(undefined, { maximumFractionDigits: digits })} ${SIZES[unit]}`;
}

/** A share of 0–1 as per cent; tells a few from none. */
export function shareText(share: number | null): string {
  if (share === null) {
    return '–';
  }
  if (share > 0 && share < 0.001) {
    return '< 0.1 %';
  }
  return `${(share * 100).toLocaleString(undefined, { maximumFractionDigits: 1 })} %`;
}
