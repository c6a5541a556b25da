import type { StoreCapabilities } from '../../src/capabilities.ts';
import type { MaintenanceFacet, SharingFacet, WakeupListener, WakeupsFacet } from '../../src/facets.ts';
import type { NewMessage } from '../../src/message.ts';
import type { OutboxStore } from '../../src/store.ts';
import { Script } from './script.ts';
import { StoreModel } from './store-model.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The verbs a test can script. */
export type StoreVerb =
  | 'claim'
  | 'read'
  | 'settle'
  | 'renew'
  | 'release'
  | 'handOver'
  | 'widen'
  | 'purge'
  | 'listen'
  | 'unlisten';

const VERBS = ['claim', 'read', 'settle', 'renew', 'release', 'handOver', 'widen', 'purge'] as const;

/** What a scripted store offers beyond the contract, and how it leases. */
export interface ScriptedStoreOptions {
  /** What is in the database, when another store shares it. Default: an empty one. */
  readonly model?: StoreModel;
  /** Default: 8. */
  readonly partitions?: number;
  /** Milliseconds of every call. Default: 1. */
  readonly takesMs?: number;
  readonly capabilities?: Partial<StoreCapabilities>;
  /** Default: none of them. */
  readonly facets?: readonly ('wakeups' | 'sharing' | 'maintenance')[];
}

export const STORE_CAPABILITIES: StoreCapabilities = {
  append: 'async',
  durability: 'volatile',
  leaseScope: 'partitioned',
  duplicateIds: 'ignored',
  ordering: 'key',
  polyglot: 'none',
  savepoints: 'none',
  limits: { maxPayloadBytes: 1_000_000, maxHeadersBytes: 10_000, maxMessagesPerAppend: 1_000 },
};

/** A store whose calls take their time, fail, hang or lose their reply as the test says. */
export class ScriptedStore implements OutboxStore {
  readonly spec = 1 as const;
  readonly name = 'scripted';
  readonly capabilities: StoreCapabilities;
  readonly model: StoreModel;
  readonly script: Script<StoreVerb>;
  readonly listeners: Set<WakeupListener> = new Set();
  readonly sharing: SharingFacet | undefined;
  readonly wakeups: WakeupsFacet | undefined;
  readonly maintenance: MaintenanceFacet | undefined;
  /** How many rows the next purges find. */
  purgeable = 0;
  closed = 0;

  constructor(clock: VirtualClock, options: ScriptedStoreOptions = {}) {
    const { partitions = 8, takesMs = 1, facets = [] } = options;
    this.capabilities = { ...STORE_CAPABILITIES, ...options.capabilities };
    this.model = options.model ?? new StoreModel(() => clock.monotonicMs(), partitions);
    this.script = new Script(clock, takesMs);
    this.sharing = facets.includes('sharing') ? this.#sharing() : undefined;
    this.wakeups = facets.includes('wakeups') ? this.#wakeups() : undefined;
    this.maintenance = facets.includes('maintenance') ? this.#maintenance() : undefined;
  }

  /** The process that uses the store is gone: nothing it asked for is answered any more. */
  crash(): void {
    for (const verb of VERBS) this.script.always(verb, { hang: 'before' });
  }

  /** Messages are committed; listeners hear of it. */
  commit(...messages: readonly NewMessage[]): void {
    this.model.append(messages);
    this.wake();
  }

  wake(): void {
    for (const listener of this.listeners) listener.wake();
  }

  async append(_tx: unknown, messages: readonly NewMessage[]): Promise<{ duplicates: string[] }> {
    this.commit(...messages);
    return { duplicates: [] };
  }

  claim: OutboxStore['claim'] = (request) => this.script.play('claim', () => this.model.claim(request));
  read: OutboxStore['read'] = (lease, request) =>
    this.script.play('read', () => this.model.read(lease, request));
  settle: OutboxStore['settle'] = (lease, settlements) =>
    this.script.play('settle', () => this.model.settle(lease, settlements));
  renew: OutboxStore['renew'] = (lease, leaseMs) =>
    this.script.play('renew', () => this.model.renew(lease, leaseMs));
  /** Freeing a lease is a commit too, so it wakes whoever listens: the engine's own lanes among them. */
  release: OutboxStore['release'] = (token) =>
    this.script.play('release', () => {
      if (this.model.release(token)) this.wake();
    });

  async close(): Promise<void> {
    this.closed++;
  }

  #sharing(): SharingFacet {
    return {
      handOver: (lease) =>
        this.script.play('handOver', () => {
          const held = this.model.partitionsOf(lease.token);
          for (const partition of held.slice(held.length >> 1)) this.model.holders.delete(partition);
          const kept = held.slice(0, held.length >> 1);
          return kept.length === 0 ? null : { token: lease.token, state: kept };
        }),
      widen: (lease, { leaseMs }) => this.script.play('widen', () => this.model.widen(lease, leaseMs)),
    };
  }

  #wakeups(): WakeupsFacet {
    return {
      listen: (listener) =>
        this.script.play('listen', () => {
          this.listeners.add(listener);
          const close = async (): Promise<void> => {
            await this.script.play('unlisten', () => this.listeners.delete(listener));
          };
          return { close };
        }),
    };
  }

  #maintenance(): MaintenanceFacet {
    return {
      purge: ({ limit }) =>
        this.script.play('purge', () => {
          const removed = Math.min(limit, this.purgeable);
          this.purgeable -= removed;
          return { removed, more: this.purgeable > 0 };
        }),
    };
  }
}
