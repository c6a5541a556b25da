import type { TransportCapabilities } from '../../src/capabilities.ts';
import { OutboxError } from '../../src/errors.ts';
import type { Message } from '../../src/message.ts';
import {
  ACCEPTED,
  type ConnectivityFacet,
  type PublishResult,
  type Transport,
  WITHHELD,
} from '../../src/transport.ts';
import { Script } from './script.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** How a scripted transport behaves. */
export interface ScriptedTransportOptions {
  readonly name?: string;
  /** Milliseconds of every call. Default: 1. */
  readonly takesMs?: number;
  readonly capabilities?: Partial<Omit<TransportCapabilities, 'limits'>>;
  readonly limits?: Partial<TransportCapabilities['limits']>;
  /** Whether it can be asked for its connection. Default: `false`. */
  readonly connectivity?: boolean;
}

/** A broker that answers, refuses, is out of reach or keeps silent as the test says. */
export class ScriptedTransport implements Transport {
  readonly spec = 1 as const;
  readonly name: string;
  readonly capabilities: TransportCapabilities;
  readonly connectivity: ConnectivityFacet | undefined;
  readonly script: Script<'publish' | 'check'>;
  /** What becomes of a message. */
  outcome: (message: Message) => PublishResult = () => ACCEPTED;
  reachable = true;
  /** Whether an abort ends a call, as it should. */
  heedsAbort = true;
  /** What the broker has, in the order it came. */
  readonly stored: Message[] = [];
  /** Every call: when, and with which messages. */
  readonly calls: { readonly atMs: number; readonly ids: readonly string[] }[] = [];
  /** The most calls that were under way at one time. */
  mostAtOnce = 0;
  #underWay = 0;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock, options: ScriptedTransportOptions = {}) {
    const { name = 'scripted', takesMs = 1, capabilities = {}, limits = {}, connectivity = false } = options;
    this.name = name;
    this.#clock = clock;
    this.script = new Script(clock, takesMs);
    this.capabilities = {
      batchOrder: 'key',
      confirmation: 'durable',
      deduplication: 'consumer',
      ...capabilities,
      limits: { maxMessages: 1_000, maxBatchBytes: 1_000_000, maxPayloadBytes: 1_000_000, ...limits },
    };
    this.connectivity = connectivity
      ? { check: () => this.script.play('check', () => this.#assertReachable()) }
      : undefined;
  }

  /** The ids the broker has, in order. */
  get storedIds(): string[] {
    return this.stored.map((message) => message.id);
  }

  async publish(messages: readonly Message[], signal: AbortSignal): Promise<readonly PublishResult[]> {
    this.calls.push({ atMs: this.#clock.monotonicMs(), ids: messages.map((message) => message.id) });
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#underWay);
    const call = this.script.play('publish', () => this.#deliver(messages));
    try {
      if (!this.heedsAbort) return await call;
      return await Promise.race([call, aborted(signal).then(() => messages.map(() => cutOff))]);
    } finally {
      this.#underWay--;
    }
  }

  async close(): Promise<void> {}

  #deliver(messages: readonly Message[]): PublishResult[] {
    this.#assertReachable();
    const stopped = new Set<string>();
    return messages.map((message): PublishResult => {
      const key = message.key === null ? null : `${message.topic}\0${message.key}`;
      if (key !== null && stopped.has(key)) return WITHHELD;
      const result = this.outcome(message);
      if (result.status === 'accepted') this.stored.push(message);
      else if (key !== null && this.capabilities.batchOrder === 'key') stopped.add(key);
      return result;
    });
  }

  #assertReachable(): void {
    if (!this.reachable) throw new OutboxError('TRANSPORT_UNAVAILABLE', 'The broker is down.');
  }
}

const cutOff: PublishResult = { status: 'unknown', error: new Error('the call was aborted') };

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
