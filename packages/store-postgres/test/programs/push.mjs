// Relays by the log to a file, a line per message: number, key. Arguments: url, ledger.
import { appendFileSync } from 'node:fs';
import { ACCEPTED, createRelay, pushStore } from '@outrelay/core';
import { postgresStore } from '@outrelay/store-postgres';

const [url, ledger] = process.argv.slice(2);
const transport = {
  spec: 1,
  name: 'ledger',
  capabilities: {
    batchOrder: 'key',
    confirmation: 'durable',
    deduplication: 'consumer',
    limits: { maxMessages: 1_000, maxBatchBytes: 10_000_000, maxPayloadBytes: 10_000_000 },
  },
  async publish(messages) {
    appendFileSync(ledger, messages.map(({ id, payload, key }) => `${id},${payload},${key}\n`).join(''));
    return messages.map(() => ACCEPTED);
  },
  async close() {},
};
createRelay({
  store: pushStore(postgresStore({ url }), { standbyMs: 50 }),
  transport,
  leaseMs: 1_000,
}).start();
process.send?.('ready');
// It ends with whoever started it, however that ends.
process.on('disconnect', () => process.exit());
