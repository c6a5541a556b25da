import type { OutboxStatus } from '@outrelay/core';
import { sum } from '../run/backlog.ts';
import { boundedCount, count, duration, plural } from '../terminal/figures.ts';
import { printable } from '../terminal/text-width.ts';

/** What an outbox must not exceed to count as healthy; absent is no limit. */
export interface StatusLimits {
  readonly maxLagMs: number | undefined;
  readonly maxDead: number | undefined;
}

/** The limits that do not hold, one sentence each. */
export function exceededLimits({ topics }: OutboxStatus, limits: StatusLimits): string[] {
  const { maxLagMs, maxDead } = limits;
  const late = topics.flatMap(({ topic, lagMs }) =>
    maxLagMs === undefined || lagMs === null || lagMs <= maxLagMs
      ? []
      : [`The lag of ${printable(topic)} is ${duration(lagMs)}; at most ${duration(maxLagMs)} is allowed.`],
  );
  const dead = sum(topics, 'dead');
  if (maxDead === undefined || dead.value <= maxDead) return late;
  const letters = dead.exact ? plural(dead.value, 'dead letter') : `${boundedCount(dead)} dead letters`;
  return [...late, `There are ${letters}; at most ${count(maxDead)} are allowed.`];
}
