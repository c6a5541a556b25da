import type { BoundedCount } from '@outrelay/core';

const COUNT = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** `1,234` */
export function count(value: number): string {
  return COUNT.format(value);
}

/** `1,234`, or `10,000+` where counting stopped. */
export function boundedCount({ value, exact }: BoundedCount): string {
  return `${count(value)}${exact ? '' : '+'}`;
}

/** `1 message`, `2 messages` */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A rate per second: `0.5/s`, `12/s`, `1,234/s`. */
export function rate(perSecond: number): string {
  return `${perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : count(perSecond)}/s`;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time for people, in at most two units: `250 ms`, `1.2 s`, `4 min 3 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return two(ms, MINUTE, 'min', SECOND, 's');
  if (ms < DAY) return two(ms, HOUR, 'h', MINUTE, 'min');
  return two(ms, DAY, 'd', HOUR, 'h');
}

/** The same in one unit, for tables: `12 s`, `15 min`, `3 d`. */
export function age(ms: number): string {
  return duration(ms).replace(/^(\S+ \S+) .*$/, '$1');
}

/** A size for people: `12 bytes`, `3.4 KiB`, `12 MiB`. */
export function bytes(value: number): string {
  if (value < 1024) return plural(value, 'byte');
  const units = ['KiB', 'MiB', 'GiB'];
  let scaled = value / 1024;
  let unit = 0;
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024;
    unit++;
  }
  return `${scaled < 10 ? scaled.toFixed(1) : count(scaled)} ${units[unit]}`;
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  const whole = `${count(Math.floor(ms / large))} ${largeName}`;
  return rest === 0 ? whole : `${whole} ${rest} ${smallName}`;
}
