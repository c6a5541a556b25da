import type { Clock } from '../clock.ts';
import type { RelayListener } from '../events.ts';
import type { Message } from '../message.ts';
import { namedTopics, type TopicFilter } from '../topics.ts';
import type { PublishResult, Transport } from '../transport.ts';
import { Breaker, type BreakerSettings } from './breaker.ts';
import { BreakerWaits } from './breaker-waits.ts';
import { storedError } from './decide.ts';
import { isStored } from './publish.ts';
import type { Routes } from './routes.ts';

/** What a lane may read next. */
export interface Task {
  readonly topics: TopicFilter;
  /** The breaker that this task tries, with one message alone; `null` for normal work. */
  readonly trial: Breaker | null;
}

/** What a board needs from its relay. */
export interface BoardContext {
  readonly routes: Routes;
  readonly settings: BreakerSettings;
  readonly clock: Clock;
  readonly unit: () => number;
  readonly emit: RelayListener;
  /** Tells the lanes that there may be work again. */
  readonly wake: () => void;
}

/** All breakers of a relay: one per transport and one per topic that has failed. */
export class BreakerBoard {
  readonly #context: BoardContext;
  readonly #normal: TopicFilter;
  readonly #transports = new Map<Transport, Breaker>();
  readonly #topics = new Map<string, Breaker>();
  /** Breakers that are not closed. While it is empty, which is nearly always, a batch costs one look at its size. */
  readonly #troubled = new Set<Breaker>();
  /** Trials under way: no breaker has two at a time. */
  readonly #trials = new Map<Breaker, Task>();
  readonly #waits: BreakerWaits;

  constructor(context: BoardContext) {
    this.#context = context;
    this.#normal = context.routes.filter();
    this.#waits = new BreakerWaits(context.clock);
    for (const transport of context.routes.transports) {
      const scope = { transport: transport.name, topic: null };
      this.#transports.set(transport, new Breaker(scope, context.settings, context.unit));
    }
  }

  /** Whether some breaker keeps messages back. */
  get troubled(): boolean {
    return this.#troubled.size > 0;
  }

  /** Everything that may be claimed now, trials included; `null` when every transport is cut off. */
  claimable(): TopicFilter | null {
    // What another lane is trying would be claimed in vain.
    return this.#filter((breaker) => breaker.state === 'open' || this.#trials.has(breaker));
  }

  /**
   * What a lane reads next: a due trial that no lane has taken, else normal work; `null` for neither.
   *
   * @param vain - breakers whose trial found no message under the lane's lease a moment ago
   */
  next(vain: ReadonlySet<Breaker>): Task | null {
    if (!this.troubled) return { topics: this.#normal, trial: null };
    for (const breaker of this.#troubled) {
      if (breaker.state !== 'half-open' || this.#trials.has(breaker) || vain.has(breaker)) continue;
      const topics = this.#trialTopics(breaker);
      if (topics === null) continue;
      const task = { topics, trial: breaker };
      this.#trials.set(breaker, task);
      return task;
    }
    const topics = this.#filter((breaker) => breaker.state !== 'closed');
    return topics === null ? null : { topics, trial: null };
  }

  /** Ends a trial, whatever came of it: unless its breaker closed or opened, whoever looks next may try again. */
  leaveTrial(task: Task): void {
    if (task.trial !== null && this.#trials.get(task.trial) === task) this.#trials.delete(task.trial);
  }

  /** Learns from the results of a batch. */
  record(messages: readonly Message[], results: readonly PublishResult[]): void {
    const calm = this.#topics.size === 0 && !this.troubled;
    if (calm && results.every(isStored)) return;
    for (const [index, result] of results.entries()) {
      if (result.status === 'withheld') continue;
      const { topic } = messages[index] as Message;
      if (isStored(result)) this.#accepted(topic);
      else this.#refused(topic, result);
    }
  }

  /** The broker behind the transport could not be reached. */
  unavailable(transport: Transport, error: unknown): void {
    this.#open(this.#transports.get(transport) as Breaker, error);
  }

  /** Ends timers and checks. */
  close(): void {
    this.#waits.close();
  }

  #accepted(topic: string): void {
    this.#close(this.#transportBreaker(topic));
    const breaker = this.#topics.get(topic);
    if (breaker === undefined) return;
    this.#close(breaker);
    this.#topics.delete(topic);
  }

  #refused(topic: string, result: Extract<PublishResult, { error: unknown }>): void {
    const whole = this.#transportBreaker(topic);
    if (whole.state === 'half-open') {
      // Silence does not prove that the broker is back; any answer does, if only the refusal of one message.
      if (result.status === 'unknown') this.#open(whole, result.error);
      else this.#close(whole);
    }
    let breaker = this.#topics.get(topic);
    if (breaker === undefined) {
      const scope = { transport: whole.scope.transport, topic };
      breaker = new Breaker(scope, this.#context.settings, this.#context.unit);
      this.#topics.set(topic, breaker);
    }
    const mustOpen = breaker.count(result.status === 'rejected' ? 'rejected' : 'failed');
    if (mustOpen) this.#open(breaker, result.error);
  }

  #open(breaker: Breaker, error: unknown): void {
    if (breaker.state === 'open') return;
    const openMs = breaker.open();
    this.#troubled.add(breaker);
    this.#trials.delete(breaker);
    this.#context.emit({ type: 'breaker-opened', scope: breaker.scope, openMs, error: storedError(error) });
    const connectivity = this.#transportOf(breaker)?.connectivity;
    this.#waits.begin(breaker, openMs, connectivity, (failure) => {
      breaker.halfOpen();
      if (failure === null) this.#context.wake();
      else this.#open(breaker, failure.error);
    });
  }

  #close(breaker: Breaker): void {
    const wasClosed = breaker.state === 'closed';
    breaker.close();
    if (wasClosed) return;
    this.#troubled.delete(breaker);
    this.#trials.delete(breaker);
    this.#waits.forget(breaker);
    this.#context.emit({ type: 'breaker-closed', scope: breaker.scope });
    this.#context.wake();
  }

  #transportBreaker(topic: string): Breaker {
    return this.#transports.get(this.#context.routes.of(topic) as Transport) as Breaker;
  }

  /** The transport that a breaker is about as a whole. */
  #transportOf(breaker: Breaker): Transport | undefined {
    for (const [transport, candidate] of this.#transports) if (candidate === breaker) return transport;
    return undefined;
  }

  /** Topics of which one message may be tried; `null` while there are none. */
  #trialTopics(breaker: Breaker): TopicFilter | null {
    const { topic } = breaker.scope;
    if (topic !== null) {
      // A topic is not tried on a transport that is cut off; when that is tried, its half-open topics come along.
      return this.#transportBreaker(topic).state === 'closed' ? namedTopics([topic]) : null;
    }
    const tried = this.#transportOf(breaker);
    return unlessEmpty(
      this.#context.routes.filter(
        (candidate, transport) => transport === tried && this.#topics.get(candidate)?.state !== 'open',
      ),
    );
  }

  #filter(cutOff: (breaker: Breaker) => boolean): TopicFilter | null {
    if (!this.troubled) return this.#normal;
    if ([...this.#transports.values()].every(cutOff)) return null;
    return unlessEmpty(
      this.#context.routes.filter((topic, transport) => {
        const breaker = this.#topics.get(topic);
        if (breaker !== undefined && cutOff(breaker)) return false;
        return !cutOff(this.#transports.get(transport) as Breaker);
      }),
    );
  }
}

function unlessEmpty(topics: TopicFilter): TopicFilter | null {
  return topics.kind === 'names' && topics.names.length === 0 ? null : topics;
}
