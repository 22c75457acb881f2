import { notebookPin, pinnedSource } from '../src/frame/pins';
import { namesIn } from '../src/sql-cells/table-pins';

describe('pinnedSource', () => {
  it.each([
    ['%%olo sql\nSELECT 1', '%%olo sql --snapshot 42\nSELECT 1'],
    ['%%olo sql r << --limit 5\nSELECT 1', '%%olo sql r << --limit 5 --snapshot 42\nSELECT 1'],
    ["%%olo sql --as-of '2026-01-31 00:00:00 UTC' --limit 5\nSELECT 1", '%%olo sql --limit 5 --snapshot 42\nSELECT 1'],
    ['%%olo sql --snapshot=7 r <<\n-- --ref main\nSELECT 1', '%%olo sql r << --snapshot 42\n-- --ref main\nSELECT 1'],
    ['%%olo sql --ref q1-close', '%%olo sql --snapshot 42']
  ])('%j becomes %j', (before, after) => {
    expect(pinnedSource(before, '42')).toBe(after);
  });

  it.each(['SELECT 1', '%%olo promote x', '%%sql\nSELECT 1', '%%olo sqlite', ''])('leaves %j alone', source => {
    expect(pinnedSource(source, '42')).toBeNull();
  });
});

it('notebookPin keeps the milliseconds, so that it is this snapshot and not the one before', () => {
  expect(notebookPin('2026-01-31T06:00:00.123000Z')).toBe('%olo as-of 2026-01-31 06:00:00.123 UTC');
});

describe('namesIn', () => {
  it('takes quoted names apart', () => {
    expect(namesIn('dev.silver.flights')).toEqual(['dev', 'silver', 'flights']);
    expect(namesIn('dev."a.b"."two ""words"""')).toEqual(['dev', 'a.b', 'two "words"']);
  });
});
