import { randomBytes } from 'node:crypto';
import { ALL_TOPICS } from '@outrelay/core';
import { broken, type StoreModel } from './model.ts';
import type { Setting } from './setting.ts';
import { LEASE_MS, LONG_MS } from './step.ts';

/** Claims after which it is plain that something comes again and again. */
const MOST_CLAIMS = 1_000;

/** Ends what is open and delivers what is left: everything must come that the model has, and nothing else. */
export async function drain(model: StoreModel, real: Setting): Promise<void> {
  for (const transaction of real.transactions.values()) await transaction.rollback();
  real.transactions.clear();
  for (const { token } of model.leases) await real.relay(0).release(token);
  for (const message of model.messages) message.readBy = null;
  for (const lease of model.leases) lease.state = 'released';
  await real.relay(0).recovery?.discard({}, 1_000);
  for (const { message } of model.letters) if (message.phase === 'blocked') model.remove(message);
  await real.installation.elapse?.(LONG_MS);
  model.elapse(LONG_MS);

  const store = real.relay(1);
  for (let claims = 0; claims < MOST_CLAIMS; claims++) {
    const token = randomBytes(16).toString('hex');
    const lease = await store.claim({ token, relay: 'last', leaseMs: LEASE_MS, topics: ALL_TOPICS });
    if (lease === null) break;
    const held = model.granted(token, LEASE_MS);
    for (;;) {
      const messages = await store.read(lease, { messages: 100, bytes: 1_000_000, topics: ALL_TOPICS });
      if (messages.length === 0) break;
      model.yielded(held, messages);
      const report = await store.settle(lease, { accepted: messages, retry: [], dead: [], returned: [] });
      if (report.settled !== messages.length)
        throw broken(`${messages.length} were accepted, ${report.settled} settled`);
      for (const { id } of messages) model.remove(model.find(id));
    }
    await store.release(token);
    held.state = 'released';
  }
  if (model.messages.length > 0)
    throw broken(`never yielded: ${model.messages.map(({ id }) => id).join(' ')}`);
}
