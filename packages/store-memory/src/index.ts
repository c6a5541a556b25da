export type { MemoryStoreOptions } from './options.ts';
export { capabilities, type MemoryStore, memoryStore } from './store.ts';
export type { MemoryTransaction } from './transaction.ts';
