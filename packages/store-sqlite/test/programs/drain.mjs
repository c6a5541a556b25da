// Drains a file to nowhere and prints how many messages it accepted. Arguments: file.
import { ACCEPTED, createRelay } from '@outrelay/core';
import { sqliteStore } from '@outrelay/store-sqlite';
import { Database } from './database.mjs';

const store = sqliteStore({ file: process.argv[2], driver: Database });
const transport = {
  spec: 1,
  name: 'nowhere',
  capabilities: {
    batchOrder: 'key',
    confirmation: 'handed-over',
    deduplication: 'consumer',
    limits: { maxMessages: 10_000, maxBatchBytes: 100_000_000, maxPayloadBytes: 1_000_000 },
  },
  publish: async (messages) => messages.map(() => ACCEPTED),
  async close() {},
};
const { accepted } = await createRelay({ store, transport }).drain();
await store.close();
process.stdout.write(String(accepted));
