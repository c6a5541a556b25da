// Relays to a file, a line per message: number, key. Ends when it has drained. Arguments: file, ledger, name, lease in ms.
import { appendFileSync } from 'node:fs';
import { ACCEPTED, createRelay } from '@outrelay/core';
import { sqliteStore } from '@outrelay/store-sqlite';
import { Database } from './database.mjs';

const [file, ledger, name, leaseMs] = process.argv.slice(2);
const store = sqliteStore({ file, driver: Database });
const transport = {
  spec: 1,
  name: 'ledger',
  capabilities: {
    batchOrder: 'key',
    confirmation: 'durable',
    deduplication: 'consumer',
    limits: { maxMessages: 20, maxBatchBytes: 1_000_000, maxPayloadBytes: 1_000_000 },
  },
  async publish(messages) {
    appendFileSync(ledger, messages.map(({ payload, key }) => `${payload},${key}\n`).join(''));
    return messages.map(() => ACCEPTED);
  },
  async close() {},
};

process.send?.('ready');
const relay = createRelay({ store, transport, name, leaseMs: Number(leaseMs), batch: { messages: 20 } });
// The parent kills it at the message count it likes.
relay.subscribe((event) => event.type === 'batch-settled' && process.send?.(event.accepted.length));
const { ended } = await relay.drain();
await store.close();
process.exitCode = ended === 'drained' ? 0 : 1;
if (process.connected) process.disconnect();
