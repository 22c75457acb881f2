import { Presence } from '../src/presence/presence';

test('somebody who types all the time is told of once a minute', () => {
  let now = 0;
  const tell = jest.fn(() => Promise.resolve());
  const presence = new Presence(tell, () => now);
  for (now = 0; now < 130_000; now += 1000) {
    presence.noticed();
  }
  expect(tell).toHaveBeenCalledTimes(3);
});

test('what could not be told is told again at the next key', async () => {
  const tell = jest.fn(() => Promise.reject(new Error('gone')));
  const presence = new Presence(tell, () => 0);
  presence.noticed();
  await new Promise(resolve => setTimeout(resolve));
  presence.noticed();
  expect(tell).toHaveBeenCalledTimes(2);
});
