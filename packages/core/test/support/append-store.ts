import type { InboxFacet, TransactionsFacet } from '../../src/facets.ts';
import type { NewMessage } from '../../src/message.ts';
import type { AppendOptions, AppendReport, Mode, OutboxStore, Result } from '../../src/store.ts';
import { STORE_CAPABILITIES } from './scripted-store.ts';

/** A transaction of an {@link appendStore}: a list of what was done in it. */
export interface Tx {
  readonly done: string[];
}

/** The write half of a store, for tests of the outbox and the inbox. */
export interface AppendStore<M extends Mode> extends OutboxStore<Tx, M, 'root'> {
  readonly appended: {
    readonly handle: Tx | 'root';
    readonly message: NewMessage;
    readonly options: AppendOptions;
  }[];
  /** Ended transactions, what was done in them and how they ended. */
  readonly ended: string[];
  /** Thrown by the next append. */
  failure: Error | null;
}

/** A store that writes before the call returns (`'sync'`) or when its promise resolves (`'async'`). */
export function appendStore<M extends Mode>(
  mode: M,
  limits: Partial<OutboxStore['capabilities']> = {},
): AppendStore<M> {
  const result = <T>(work: () => T): Result<M, T> =>
    (mode === 'sync' ? work() : Promise.resolve().then(work)) as Result<M, T>;
  const receipts = new Set<string>();
  const ended: string[] = [];
  const appended: AppendStore<M>['appended'] = [];

  const transactions: TransactionsFacet<Tx, M> = {
    async run<T>(work: (tx: Tx) => Result<M, T>): Promise<T> {
      const tx: Tx = { done: [] };
      try {
        const value = await (work(tx) as T | Promise<T>);
        ended.push([...tx.done, 'commit'].join(' '));
        return value;
      } catch (error) {
        ended.push([...tx.done, 'rollback'].join(' '));
        throw error;
      }
    },
  };
  const inbox: InboxFacet<Tx, M> = {
    record: (tx, { consumer, messageId }) =>
      result(() => {
        const receipt = `${consumer}/${messageId}`;
        if (receipts.has(receipt)) return false;
        receipts.add(receipt);
        tx.done.push(receipt);
        return true;
      }),
  };
  const refuse = async (): Promise<never> => {
    throw new Error('only the write side of this store exists');
  };
  return {
    spec: 1,
    name: `append-${mode}`,
    capabilities: { ...STORE_CAPABILITIES, append: mode, ...limits },
    appended,
    ended,
    failure: null,
    append(handle, messages, options) {
      return result((): AppendReport => {
        if (this.failure !== null) throw this.failure;
        for (const message of messages) appended.push({ handle, message, options });
        return { duplicates: messages.filter(({ id }) => id === 'duplicate').map(({ id }) => id) };
      });
    },
    claim: refuse,
    read: refuse,
    settle: refuse,
    renew: refuse,
    release: refuse,
    close: async () => {},
    transactions,
    inbox,
  };
}
