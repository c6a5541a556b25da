import Database from 'better-sqlite3';
import type { ShopDatabase } from '../databases/shop-database.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Ground } from './ground.ts';

/** What can be seen from outside at one moment. */
export interface Observation {
  readonly orders: number;
  readonly refused: number;
  /** Messages in the outbox that have not been settled. */
  readonly backlog: number;
  readonly deadLetters: number;
  readonly lagMs: number;
  /** The relay whose name is on the lease, and milliseconds until it ends; `null` when nobody holds it. */
  readonly holder: { readonly relay: string; readonly expiresInMs: number } | null;
  readonly deliveries: number;
  readonly duplicates: number;
  readonly late: number;
  /** Whether nothing is on its way between relay and consumer. */
  readonly drained: boolean;
}

/** Looks into both databases, and what is between them, through connections of its own. */
export class Observer {
  readonly #shop: ShopDatabase;
  readonly #destination: Destination;
  readonly #consumer: Database.Database;

  constructor({ shop, destination, consumer }: Ground) {
    this.#shop = shop;
    this.#destination = destination;
    this.#consumer = new Database(consumer, { readonly: true });
  }

  async observe(): Promise<Observation> {
    const { orders, refused } = await this.#shop.progress();
    const { topics = [], holders = [] } = (await this.#shop.store.inspection?.status()) ?? {};
    const backlog = topics.reduce((sum, { pending, waiting }) => sum + pending.value + waiting.value, 0);
    // After the backlog: what leaves the outbox is at the destination before.
    const drained = backlog === 0 && (await this.#destination.isDrained());
    const { deliveries, messages, late } = this.#consumer
      .prepare(
        'SELECT count(*) AS deliveries, count(DISTINCT message_id) AS messages, total(late) AS late FROM deliveries',
      )
      .get() as { deliveries: number; messages: number; late: number };
    return {
      orders,
      refused,
      backlog,
      deadLetters: topics.reduce((sum, { dead }) => sum + dead.value, 0),
      lagMs: Math.max(0, ...topics.map(({ lagMs }) => lagMs ?? 0)),
      holder: holders[0] ?? null,
      deliveries,
      duplicates: deliveries - messages,
      late,
      drained,
    };
  }

  close(): void {
    this.#consumer.close();
  }
}
