import { createRelay, pushStore, type Relay, type RelayEvent } from '@outrelay/core';
import { type PostgresSettings, type ServerInstance, until } from '@outrelay/servers';
import type pg from 'pg';
import { onTestFinished } from 'vitest';
import { type PostgresStore, postgresStore } from '../../src/index.ts';
import { testDatabase } from './database.ts';
import { RecordingBroker } from './recording-broker.ts';

/** A relay that is pushed, and what it told. */
export interface Pushed {
  readonly relay: Relay;
  readonly events: RelayEvent[];
  readonly stop: () => Promise<void>;
}

/** A database with an outbox whose log is kept, a broker, and relays between them; all gone with the test. */
export class PushedShop {
  readonly store: PostgresStore;
  readonly pool: pg.Pool;
  readonly url: string;
  readonly broker: RecordingBroker = new RecordingBroker();
  #appended = 0;

  private constructor(store: PostgresStore, pool: pg.Pool, url: string) {
    this.store = store;
    this.pool = pool;
    this.url = url;
  }

  static async open(server: ServerInstance<PostgresSettings>): Promise<PushedShop> {
    const database = await testDatabase(server.url);
    const store = postgresStore({ url: database.url });
    await store.schema.apply();
    await store.log?.create();
    onTestFinished(async () => {
      // The server notices the end of a follower a moment after it.
      await until('nobody follows the log', () => store.log?.drop());
      await store.close();
      await database.remove();
    });
    return new PushedShop(store, database.admin, database.url);
  }

  /** What is out of order or missing: by key, the numbers as they came first. Empty when all is as it should be. */
  disorder(): readonly string[] {
    const found: string[] = [];
    for (const [key, numbers] of this.broker.numbersByKey()) {
      if (numbers.some((number, at) => number < (numbers[at - 1] ?? 0)))
        found.push(`${key}: ${numbers.join(' ')}`);
    }
    const { distinct } = this.broker;
    return distinct === this.#appended ? found : [...found, `${distinct} of ${this.#appended} came`];
  }

  get appended(): number {
    return this.#appended;
  }

  /** Appends numbered messages in one transaction, to one key after the other. */
  async append(count: number, keys = 10): Promise<void> {
    const first = this.#appended;
    this.#appended += count;
    await this.pool.query(
      "INSERT INTO outrelay.outbox_messages (topic, message_key, payload) SELECT 'numbered', 'k' || n % $3, n::text FROM generate_series($1::int, $2::int) AS s (n) ORDER BY s.n",
      [first, first + count - 1, keys],
    );
  }

  /** Starts a relay; it ends with the test at the latest. */
  relay({
    pushed = true,
    windowMessages = 10_000,
  }: {
    pushed?: boolean;
    windowMessages?: number;
  } = {}): Pushed {
    const base = postgresStore({ url: this.url });
    const store = pushed ? pushStore(base, { windowMessages, standbyMs: 50 }) : base;
    const events: RelayEvent[] = [];
    const relay = createRelay({
      store,
      transport: this.broker,
      leaseMs: 2_000,
      retry: { minDelayMs: 20, maxDelayMs: 100 },
      onEvent: (event) => events.push(event),
    });
    relay.start();
    let ending: Promise<void> | null = null;
    const stop = (): Promise<void> => {
      ending ??= relay.stop().then(() => store.close());
      return ending;
    };
    onTestFinished(stop);
    return { relay, events, stop };
  }

  /** Resolves when a relay follows the log. */
  async followed(): Promise<void> {
    await until('the log is followed', async () => {
      const state = (await this.store.log?.status())?.state;
      if (state !== 'followed') throw new Error(`it is ${state}`);
    });
  }

  /** Resolves when everything that was appended has been delivered and the outbox is empty. */
  async drained(): Promise<void> {
    await until(
      'everything is delivered',
      async () => {
        const { topics } = await this.store.inspection.status();
        const left = topics.reduce((sum, { pending, waiting }) => sum + pending.value + waiting.value, 0);
        if (left > 0 || this.broker.distinct < this.#appended)
          throw new Error(`${left} are left, ${this.broker.distinct} of ${this.#appended} came`);
      },
      undefined,
      60_000,
    );
  }
}
