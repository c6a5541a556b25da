import type { BoundedCount, OutboxStatus, TopicStatus } from '@outrelay/core';
import { boundedCount, duration } from '../terminal/figures.ts';

/** What the store holds over all topics, in words: `120 pending`, `4 waiting`, `2 dead letters`, `lag 1.2 s`. */
export function backlogText({ topics }: OutboxStatus): string[] {
  const lagMs = topics.reduce<number | null>((most, topic) => larger(most, topic.lagMs), null);
  const dead = sum(topics, 'dead');
  return [
    `${boundedCount(sum(topics, 'pending'))} pending`,
    `${boundedCount(sum(topics, 'waiting'))} waiting`,
    `${boundedCount(dead)} dead ${dead.value === 1 ? 'letter' : 'letters'}`,
    ...(lagMs === null ? [] : [`lag ${duration(lagMs)}`]),
  ];
}

/** One count over several topics. */
export function sum(topics: readonly TopicStatus[], field: 'pending' | 'waiting' | 'dead'): BoundedCount {
  return {
    value: topics.reduce((total, topic) => total + topic[field].value, 0),
    exact: topics.every((topic) => topic[field].exact),
  };
}

function larger(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
