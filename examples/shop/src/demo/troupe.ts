import { randomBytes } from 'node:crypto';
import { Child } from './child.ts';
import type { Ground } from './ground.ts';

/** What the processes need to know. */
export interface TroupeSettings {
  readonly ground: Ground;
  readonly ordersCsv: string;
  readonly orders: number;
  readonly withoutInbox: boolean;
  /** Deliveries after which the consumer dies; `Infinity` for never. */
  readonly consumerDiesAfter: number;
}

const WRITER = new URL('../shop/writer.js', import.meta.url);
const RELAY = new URL('../relay.js', import.meta.url);
const CONSUMER = new URL('../consumer/consumer.js', import.meta.url);

const PACE_MS = 12;
/** The relay gives up on an answer after this time; the consumer sometimes takes twice as long. */
const TIMEOUT_MS = 300;
const LEASE_MS = 1_500;

/** The three processes: the shop that writes, the relay that carries, the consumer that receives. */
export class Troupe {
  kills = 0;
  consumerKills = 0;
  #relays = 0;
  readonly #env: Record<string, string>;
  readonly #tell: (text: string) => void;
  readonly #children: Child[] = [];
  #writer: Child | undefined;
  #relay: Child | undefined;
  #consumer: Child | undefined;

  /** @param tell - gets what processes complain about */
  constructor(
    { ground, ordersCsv, orders, withoutInbox, consumerDiesAfter }: TroupeSettings,
    tell: (text: string) => void,
  ) {
    this.#tell = tell;
    this.#env = {
      FROM: ground.from,
      TO: ground.to,
      NAME: ground.name,
      CONSUMER_DB: ground.consumer,
      ORDERS_CSV: ordersCsv,
      ORDERS: String(orders),
      PACE_MS: String(PACE_MS),
      TIMEOUT_MS: String(TIMEOUT_MS),
      LEASE_MS: String(LEASE_MS),
      CONSUMER_DIES_AFTER: String(consumerDiesAfter),
      WITHOUT_INBOX: String(withoutInbox),
      WEBHOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
    };
  }

  get writer(): Child {
    return started(this.#writer);
  }

  get relay(): Child {
    return started(this.#relay);
  }

  get relayName(): string {
    return `relay-${this.#relays}`;
  }

  get consumer(): Child {
    return started(this.#consumer);
  }

  /** Starts all three, the receiving end first. */
  async enter(): Promise<void> {
    await this.#startConsumer();
    this.startRelay();
    this.#writer = this.#start(WRITER);
  }

  /** Starts a relay; each has a name of its own, which stands on its lease. */
  startRelay(): void {
    this.#relays++;
    this.#env['RELAY_NAME'] = this.relayName;
    this.#relay = this.#start(RELAY);
  }

  /** Ends the relay the hard way, in the middle of whatever it does. */
  async killRelay(): Promise<void> {
    await this.relay.end('SIGKILL');
    this.kills++;
  }

  /** Starts a consumer in the place of one that died. */
  async replaceConsumer(): Promise<void> {
    this.consumerKills++;
    this.#env['CONSUMER_DIES_AFTER'] = 'Infinity';
    await this.#startConsumer();
  }

  /** Ends all three in good order, the receiving end last. */
  async leave(): Promise<void> {
    await this.writer.exited;
    await this.relay.end('SIGTERM');
    await this.consumer.end('SIGTERM');
  }

  /** Ends whatever still runs. */
  async killAll(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.end('SIGKILL')));
  }

  /** Starts a consumer, which says where it wants its messages. */
  async #startConsumer(): Promise<void> {
    this.#consumer = this.#start(CONSUMER);
    const { url } = await this.#consumer.message<{ url: string }>();
    this.#env['TO'] = url;
  }

  #start(program: URL): Child {
    const child = new Child(program, this.#env, this.#tell);
    this.#children.push(child);
    return child;
  }
}

function started(child: Child | undefined): Child {
  if (child === undefined) throw new Error('The demo has not begun.');
  return child;
}
