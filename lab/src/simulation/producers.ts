import type { NewMessage } from '@outrelay/core';
import { BLOCKING, TOPICS, type World } from './world.ts';

/** Transactions of an application, side by side; those that write to one key wait for each other, as it should be. */
export class Producers {
  readonly #world: World;
  readonly #locked = new Set<string>();
  #left: number;
  #ids = 0;

  constructor(world: World) {
    this.#world = world;
    this.#left = world.options.transactions;
    for (let index = 0; index < 3; index++) this.#next();
  }

  /** Whether every transaction has ended. */
  get done(): boolean {
    return this.#left === 0 && this.#locked.size === 0;
  }

  #next(): void {
    const { scheduler, random } = this.#world;
    if (this.#left === 0) return;
    scheduler.after(random.latency(1, 1_500), null, () => {
      if (this.#left > 0) this.#transaction();
      this.#next();
    });
  }

  #transaction(): void {
    const { scheduler, random, database, doorbell, options } = this.#world;
    const topic = random.pick(TOPICS);
    const key = random.chance(0.2) ? null : `k${random.integer(1, options.keys)}`;
    const lock = `${topic}/${key ?? this.#left}`;
    // The application waits for the row that it is going to change.
    if (this.#locked.has(lock)) return;
    this.#locked.add(lock);
    this.#left--;
    const rows = Array.from({ length: random.integer(1, 5) }, () => ({
      position: database.nextPosition(),
      message: this.#message(topic, key),
    }));
    const commits = random.chance(0.9);
    scheduler.after(random.pick([0, 1, 1, 50, 700]), null, () => {
      this.#locked.delete(lock);
      this.#world.note('producer', commits ? 'commits' : 'rolls back', () =>
        rows.map(({ message }) => message.id).join(' '),
      );
      if (!commits) return;
      database.commit(rows);
      doorbell.ring();
    });
  }

  #message(topic: string, key: string | null): NewMessage {
    const { random, options } = this.#world;
    const headers: Record<string, string> = {};
    if (options.badMessages) {
      const bad = random.unit();
      if (bad < 0.04) headers['rejected'] = 'the broker never takes it';
      else if (bad < 0.07) headers['undecodable'] = 'the row is damaged';
      else if (bad < 0.08 && topic === BLOCKING) headers['kills'] = 'whoever publishes it';
    }
    const scheduled = random.chance(0.05);
    return {
      id: `${key ?? 'm'}.${++this.#ids}`,
      topic,
      key,
      headers,
      payload: '{}',
      contentType: 'application/json',
      availableAt: scheduled ? new Date(random.integer(1, 4_000)) : null,
      ordering: 'key',
    };
  }
}
