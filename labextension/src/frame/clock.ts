/** How far the server's clock is ahead of this one's (ms): times are the server's, and one of the two may be wrong. */
let ahead = 0;

/** An answer says what time it is there. It was on its way for a moment: less than that counts as no difference. */
export function learnClock(now: string, here = Date.now()): void {
  const difference = Date.parse(now) - here;
  ahead = Math.abs(difference) < 2000 || Number.isNaN(difference) ? 0 : difference;
}

/** A time of this clock as the server's: what times that the server told are compared with. */
export function serverTime(here = Date.now()): number {
  return here + ahead;
}
