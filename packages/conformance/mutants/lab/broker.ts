import { turn } from './gates.ts';

/** A message as the broker keeps it: what a transport writes on the wire. */
export interface BrokerRecord {
  readonly topic: string;
  readonly key: string | null;
  readonly properties: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  /** Name under which the broker drops duplicates. */
  readonly deduplicateBy: string;
}

/** What the broker says of a record. */
export type Answer =
  | { readonly kind: 'stored' | 'duplicate' }
  | {
      readonly kind: 'refused' | 'busy' | 'unroutable';
      readonly reason: string;
      readonly retryAfterMs?: number;
    };

/** How the broker treats the records of one id. */
export type Treatment = 'refuse' | 'fail' | 'throttle' | 'silence' | 'hang';

export const BROKER_LIMITS = { maxMessages: 100, maxBatchBytes: 262_144, maxPayloadBytes: 65_536 };

/** A connection to the broker, which ends with it. */
export interface Connection {
  alive: boolean;
  /** Cut without a word: nothing comes back any more. */
  frozen: boolean;
}

/** The connection ended before the broker answered. */
class ConnectionLost extends Error {}

/** A model broker: durable destinations, confirmations, a window for duplicates, and faults on demand. */
export class Broker {
  readonly log: BrokerRecord[] = [];
  readonly destinations: Set<string> = new Set();
  readonly treatments: Map<string, Treatment> = new Map();
  retryAfterMs = 0;
  up = true;
  /** Loses what it has when it is killed. */
  volatile = false;
  readonly #connections = new Set<Connection>();
  readonly #seen = new Set<string>();
  readonly #hanging = new Map<string, Promise<void>>();
  #release: () => void = () => {};

  connect(): Connection {
    if (!this.up) throw new Error('connect ECONNREFUSED');
    const connection = { alive: true, frozen: false };
    this.#connections.add(connection);
    return connection;
  }

  /** Stores a record and answers; rejects with {@link ConnectionLost} when there is no answer. */
  async deliver(connection: Connection, id: string, record: BrokerRecord): Promise<Answer> {
    await turn();
    this.#assertAlive(connection);
    if (connection.frozen) await new Promise<void>((resolve) => this.onThaw(resolve));
    this.#assertAlive(connection);
    const treatment = this.treatments.get(id);
    // It ends before the record is stored, which nobody at the other side can know.
    if (treatment === 'silence') connection.alive = false;
    this.#assertAlive(connection);
    const answer = this.#judge(id, record);
    if (answer.kind === 'stored') this.log.push(record);
    if (treatment === 'hang') await this.#hanging.get(id);
    await turn();
    this.#assertAlive(connection);
    return answer;
  }

  /** Whether anything comes back on a connection. */
  hears(connection: Connection): boolean {
    return connection.alive && !connection.frozen;
  }

  treat(id: string, treatment: Treatment): () => void {
    this.treatments.set(id, treatment);
    this.#hanging.set(id, new Promise((resolve) => (this.#release = resolve)));
    return () => {
      this.treatments.delete(id);
      this.#release();
    };
  }

  stop(): void {
    this.up = false;
    this.#drop();
  }

  async kill(): Promise<void> {
    this.stop();
    if (this.volatile) this.log.length = 0;
    await turn();
    this.up = true;
  }

  freeze(): void {
    for (const connection of this.#connections) connection.frozen = true;
  }

  /** Frozen connections stay dead; what waits on them learns it now. */
  thaw(): void {
    this.#drop();
    for (const resolve of this.#thawing.splice(0)) resolve();
  }

  readonly #thawing: (() => void)[] = [];

  onThaw(resolve: () => void): void {
    this.#thawing.push(resolve);
  }

  #drop(): void {
    for (const connection of this.#connections) connection.alive = false;
    this.#connections.clear();
  }

  #judge(id: string, record: BrokerRecord): Answer {
    const treatment = this.treatments.get(id);
    if (treatment === 'refuse') return { kind: 'refused', reason: 'the validator said no' };
    if (treatment === 'fail') return { kind: 'busy', reason: 'the disk is full' };
    if (treatment === 'throttle')
      return { kind: 'busy', reason: 'too many requests', retryAfterMs: this.retryAfterMs };
    if (!this.destinations.has(record.topic)) return { kind: 'unroutable', reason: 'no such destination' };
    if ((record.body?.byteLength ?? 0) > BROKER_LIMITS.maxPayloadBytes)
      return { kind: 'refused', reason: 'the body is too large' };
    if (this.#seen.has(record.deduplicateBy)) return { kind: 'duplicate' };
    this.#seen.add(record.deduplicateBy);
    return { kind: 'stored' };
  }

  #assertAlive(connection: Connection): void {
    if (!connection.alive) throw new ConnectionLost('the connection ended');
  }
}
