import { setTimeout as sleep } from 'node:timers/promises';
import { createRelay } from '@outrelay/core';
import { brokerOf } from '../../brokers/broker.ts';
import type { OpenContender } from '../../harness/contender.ts';
import { subjectOf } from '../../subjects/subjects.ts';

const SETTLE_MS = 3_000;
const MEASURE_MS = 10_000;

/** A relay with nothing to do. */
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
      await sleep(SETTLE_MS);
      const before = process.cpuUsage();
      const statementsBefore = await subject.statements();
      await sleep(MEASURE_MS);
      const { user, system } = process.cpuUsage(before);
      const statements = (await subject.statements()) - statementsBefore;
      await relay.stop();
      return {
        '% of a core': (user + system) / MEASURE_MS / 10,
        ...(Number.isNaN(statements) ? {} : { 'statements/s': (statements * 1_000) / MEASURE_MS }),
      };
    },

    versions: () => subject.versions(),

    async close() {
      await subject.close();
      await broker.close();
    },
  };
};
