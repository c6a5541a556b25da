import { createRelay } from '@outrelay/core';
import { brokerOf } from '../../brokers/broker.ts';
import type { OpenContender } from '../../harness/contender.ts';
import { subjectOf } from '../../subjects/subjects.ts';
import { measureLatency } from '../../traffic/measure-latency.ts';

/** A relay that waits for the messages of an application in another process. */
export const open: OpenContender = async (setting) => {
  const subject = await subjectOf(setting);
  const broker = brokerOf(setting);
  const wakeups = setting.options['wakeups'] !== 'off';
  return {
    async prepare() {
      await subject.refill(0);
      await broker.clear();
    },

    async measure() {
      const relay = createRelay({ store: subject.store, transport: broker.transport, wakeups });
      relay.start();
      const figures = await measureLatency(setting);
      await relay.stop();
      return figures;
    },

    versions: () => subject.versions(),

    async close() {
      await subject.close();
      await broker.close();
    },
  };
};
