import type { TranslationBundle } from '@jupyterlab/translation';

/**
 * Seconds between two ISO times, to now where the second is missing, null before the start.
 */
export function secondsBetween(started: string | null, ended: string | null, now: number): number | null {
  return started === null
    ? null
    : Math.max(0, ((ended === null ? now : Date.parse(ended)) - Date.parse(started)) / 1000);
}

/** A duration for people: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function durationText(seconds: number): string {
  if (seconds < 9.95) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  if (whole < 60) {
    return `${whole} s`;
  }
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long ago something was, in words of the reader's language. */
export function agoText(iso: string, now: number, trans: TranslationBundle): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds < 60) {
    return trans.__('just now');
  }
  if (seconds < 3600) {
    return trans.__('%1 min ago', Math.floor(seconds / 60));
  }
  if (seconds < 86_400) {
    return trans.__('%1 h ago', Math.floor(seconds / 3600));
  }
  if (seconds < 7 * 86_400) {
    return trans.__('%1 d ago', Math.floor(seconds / 86_400));
  }
  return dayText(iso, now);
}

/** A day, by the month's name, so that nobody takes it for the day; the year where it isn't the one of `now` (ms). */
export function dayText(iso: string, now: number): string {
  const day = new Date(iso);
  const year = day.getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' as const };
  return day.toLocaleDateString(undefined, { day: 'numeric', month: 'short', ...year });
}

/** A moment to the minute, as a name needs it, in the reader's zone. */
export function shortMomentText(iso: string): string {
  return new Date(iso).toLocaleString(undefined, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit'
  });
}

/** A moment to the second, with the zone that it is told in: the reader's. */
export function momentText(iso: string): string {
  return new Date(iso).toLocaleString(undefined, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short'
  });
}
