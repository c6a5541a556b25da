import type { OutboxStatus, TopicStatus } from '@outrelay/core';
import { boundedCount, duration } from '../terminal/figures.ts';
import type { Style } from '../terminal/style.ts';
import { type Column, table } from '../terminal/table.ts';
import { printable } from '../terminal/text-width.ts';

const TOPIC_COLUMNS: readonly Column[] = [
  { title: 'topic' },
  { title: 'pending', align: 'right' },
  { title: 'waiting', align: 'right' },
  { title: 'dead', align: 'right' },
  { title: 'lag', align: 'right' },
];
const HOLDER_COLUMNS: readonly Column[] = [
  { title: 'relay' },
  { title: 'holds', align: 'right' },
  { title: 'lease ends in', align: 'right' },
];

/** The state of an outbox as tables. */
export function statusLines({ topics, holders }: OutboxStatus, style: Style): string[] {
  const holderRows = holders.map(({ relay, share, expiresInMs }) => [
    printable(relay),
    `${Math.round(share * 100)}%`,
    duration(expiresInMs),
  ]);
  return [
    ...(topics.length === 0
      ? ['Nothing is pending, waiting or dead.']
      : table(
          TOPIC_COLUMNS,
          topics.map((topic) => topicRow(topic, style)),
          style.dim,
        )),
    '',
    ...(holders.length === 0 ? ['No relay holds a lease.'] : table(HOLDER_COLUMNS, holderRows, style.dim)),
  ];
}

function topicRow({ topic, pending, waiting, dead, lagMs }: TopicStatus, style: Style): string[] {
  const deadText = boundedCount(dead);
  return [
    printable(topic),
    boundedCount(pending),
    boundedCount(waiting),
    dead.value > 0 ? style.red(deadText) : deadText,
    lagMs === null ? '–' : duration(lagMs),
  ];
}
