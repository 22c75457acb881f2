import { countText, shareText, sizeText } from '../src/frame/numbers';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [53_321, '53.3 kB'],
  [999_600, '1 MB'],
  [1.5e15, '1.5 PB'],
  [null, '–']
])('%p bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

it('tells none from a few, and nothing known from zero', () => {
  expect([shareText(0), shareText(0.00001), shareText(0.0588), shareText(1), shareText(null)]).toEqual([
    '0 %',
    '< 0.1 %',
    '5.9 %',
    '100 %',
    '–'
  ]);
  expect([countText(0), countText(undefined)]).toEqual(['0', '–']);
});
