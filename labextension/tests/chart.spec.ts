import { bars, chart } from '../src/experiments/chart';

const at = (run: string, ...values: (number | string)[]) => ({
  run,
  points: values.map((value, step) => ({ step, value, at: '' }))
});

test('what was logged once is a bar each, from zero, negative ones to the left', () => {
  expect(bars([at('a', 6), at('b', -3)] as never)).toEqual([
    { run: 'a', value: 6, from: 3 / 9, size: 6 / 9 },
    { run: 'b', value: -3, from: 0, size: 3 / 9 }
  ]);
  expect(bars([at('a', 0)] as never)).toEqual([{ run: 'a', value: 0, from: 0, size: 0 }]);
  expect(bars([at('a'), at('b', 'NaN')] as never)).toEqual([]);
});

test('what was logged by step is a line, with a gap where it is no number', () => {
  const histories = [at('a', 1, 2, 'NaN', 3, 4)] as never;
  expect(bars(histories)).toBeNull();
  expect(chart(histories).lines[0]!.path.match(/M/g)).toHaveLength(2);
});
