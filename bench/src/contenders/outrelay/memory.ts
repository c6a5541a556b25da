import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createRelay } from '@outrelay/core';
import { brokerOf } from '../../brokers/broker.ts';
import type { OpenContender, Setting } from '../../harness/contender.ts';
import { assertDrained } from '../../harness/drained.ts';
import { subjectOf } from '../../subjects/subjects.ts';

/** The memory of a process that drains the backlog of another one, and does nothing else: at its highest, program included. */
export const open: OpenContender = async (setting) => {
  const subject = await subjectOf(setting);
  const broker = brokerOf(setting);
  return {
    async prepare() {
      await fillElsewhere(setting);
      await broker.clear();
    },

    async measure() {
      await createRelay({ store: subject.store, transport: broker.transport }).drain();
      await assertDrained(setting.messages, broker, await subject.left());
      // Kibibytes, whatever the system counts in.
      return { 'peak MiB': process.resourceUsage().maxRSS / 1_024 };
    },

    versions: () => subject.versions(),

    async close() {
      await subject.close();
      await broker.close();
    },
  };
};

async function fillElsewhere(setting: Setting): Promise<void> {
  const filler = fork(fileURLToPath(new URL('../../traffic/filler.js', import.meta.url)), [], {
    execArgv: [],
  });
  filler.send(setting);
  const [code] = await once(filler, 'exit');
  if (code !== 0) throw new Error(`The process that makes the backlog ended with ${String(code)}.`);
}
