import { createRelay } from '@outrelay/core';
import { brokerOf } from '../../brokers/broker.ts';
import type { OpenContender } from '../../harness/contender.ts';
import { assertDrained, timed } from '../../harness/drained.ts';
import { holdSnapshot } from '../postgres/held-snapshot.ts';
import { subjectOf } from '../../subjects/subjects.ts';

/** Drains a backlog with one relay and the options it has by default. */
export const open: OpenContender = async (setting) => {
  const subject = await subjectOf(setting);
  const broker = brokerOf(setting);
  return {
    async prepare() {
      await subject.refill(setting.messages);
      await broker.clear();
    },

    async measure() {
      const snapshot = subject.url === undefined ? null : await holdSnapshot(subject.url, setting);
      const relay = createRelay({ store: subject.store, transport: broker.transport });
      const figures = await timed(setting.messages, async () => {
        await relay.drain();
      });
      await snapshot?.end();
      await assertDrained(setting.messages, broker, await subject.left());
      return figures;
    },

    versions: () => subject.versions(),

    async close() {
      await subject.close();
      await broker.close();
    },
  };
};
