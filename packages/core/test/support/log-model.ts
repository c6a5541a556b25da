import { OutboxError } from '../../src/errors.ts';
import type {
  Admission,
  LogEntry,
  LogFacet,
  LogFollower,
  LogPosition,
  LogStatus,
  LogStream,
} from '../../src/log/log-facet.ts';
import { type ClaimedMessage, type NewMessage, payloadBytes } from '../../src/message.ts';
import type { ClaimRequest, Lease, OutboxStore, Settlements } from '../../src/store.ts';
import { message } from './messages.ts';
import { ScriptedStore } from './scripted-store.ts';
import type { StoreModel } from './store-model.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface Transaction {
  readonly end: LogPosition;
  readonly messages: readonly NewMessage[];
}

/** The log of a database, shared by all who may follow it. */
export class LogModel {
  readonly model: StoreModel;
  readonly #clock: VirtualClock;
  readonly #transactions: Transaction[] = [];
  /** Messages that are in the log while no reader of the tables sees them. */
  readonly unseen: Set<string> = new Set();
  confirmed: LogPosition = 0n;
  follower: LogFollower | null = null;
  /** How long the log takes to tell of a commit, in milliseconds. */
  delayMs = 1;
  #lost = false;
  #run = 0;
  #end = 0n;
  #sent = 0n;

  constructor(clock: VirtualClock, model: StoreModel) {
    this.#clock = clock;
    this.model = model;
  }

  /** Commits: in the log at once, for readers of the tables after `unseenMs`. */
  commit(messages: readonly NewMessage[], unseenMs: number): void {
    this.#end += 10n;
    this.#transactions.push({ end: this.#end, messages });
    for (const { id } of messages) this.unseen.add(id);
    this.#clock.setTimer(unseenMs, () => {
      this.model.append(messages);
      for (const { id } of messages) this.unseen.delete(id);
    });
    this.#clock.setTimer(this.delayMs, () => void this.#pump(this.#run));
  }

  follow(follower: LogFollower): LogStream {
    if (this.#lost) throw new OutboxError('LOG_LOST', 'as told');
    if (this.follower !== null) throw new OutboxError('LOG_IN_USE', 'as told');
    this.follower = follower;
    this.#begin();
    return {
      confirm: (position) => {
        if (position < this.confirmed || position > this.#end)
          this.model.violations.push(`confirmed ${position} after ${this.confirmed}`);
        this.confirmed = position;
      },
      close: async () => {
        if (this.follower === follower) this.follower = null;
        this.#run++;
      },
    };
  }

  /** The connection of the follower breaks, and is there again a little later. */
  cut(): void {
    const { follower } = this;
    if (follower === null) return;
    const run = ++this.#run;
    follower.lost(new Error('cut'));
    this.#clock.setTimer(50, () => {
      if (this.follower !== follower || this.#run !== run) return;
      follower.restored();
      this.#begin();
    });
  }

  /** The database gives up the position. */
  lose(): void {
    this.#lost = true;
    this.#run++;
    this.follower?.ended(new OutboxError('LOG_LOST', 'as told'));
    this.follower = null;
  }

  create(): void {
    if (!this.#lost) return;
    this.#lost = false;
    this.confirmed = this.#end;
  }

  #begin(): void {
    const run = ++this.#run;
    this.#sent = this.confirmed;
    this.#clock.setTimer(1, () => void this.#pump(run));
  }

  /** Hands over what is there and was not handed over yet. */
  async #pump(run: number): Promise<void> {
    for (const { end, messages } of this.#transactions) {
      if (end <= this.#sent) continue;
      const { follower } = this;
      if (follower === null || run !== this.#run) return;
      this.#sent = end;
      await follower.receive(messages.map((content) => this.#entry(content)));
      if (run !== this.#run) return;
      follower.reached(end);
    }
  }

  #entry(content: NewMessage): LogEntry {
    const { availableAt: _, ordering: __, ...rest } = content;
    const claimed: ClaimedMessage = { ...message(rest), attempt: 1, undecodable: null, ref: null };
    return { message: claimed, bytes: payloadBytes(content.payload), transaction: null };
  }
}

/** A scripted store with a log. */
export function loggedStore(
  clock: VirtualClock,
  log: LogModel,
): { readonly scripted: ScriptedStore; readonly store: OutboxStore } {
  const { model } = log;
  const scripted = new ScriptedStore(clock, { model, facets: ['sharing'] });
  const facet: LogFacet = {
    follow: async (follower) => log.follow(follower),
    hold: (request: ClaimRequest) =>
      scripted.script.play('claim', () => {
        const lease = model.widen({ token: request.token, state: [] }, request.leaseMs);
        return (lease.state as readonly number[]).length === 0 ? null : lease;
      }),
    admit: (lease, entries) =>
      scripted.script.play('read', () => entries.map(({ message: { id } }) => admission(log, lease, id))),
    status: async (): Promise<LogStatus> => {
      const state = log.follower === null ? 'idle' : 'followed';
      return { state, confirmed: log.confirmed, behindBytes: 0, retainedBytes: 0, warnings: [] };
    },
    create: async () => log.create(),
    drop: async () => log.lose(),
  };
  const store: OutboxStore = {
    spec: 1,
    name: 'logged',
    capabilities: scripted.capabilities,
    append: scripted.append.bind(scripted),
    claim: scripted.claim,
    read: scripted.read,
    renew: scripted.renew,
    release: scripted.release,
    close: () => scripted.close(),
    settle: (lease, settlements) => scripted.settle(lease, withRows(model, lease, settlements)),
    sharing: scripted.sharing,
    log: facet,
  };
  return { scripted, store };
}

function admission({ model, unseen }: LogModel, lease: Lease, id: string): Admission {
  const row = model.rows.get(id);
  if (row === undefined) return unseen.has(id) ? 'early' : 'gone';
  if (model.holders.get(row.partition)?.token !== lease.token) return 'elsewhere';
  const waits = [...model.rows.values()].some(
    (other) => other.key === row.key && other.position < row.position && other.phase !== 'fresh',
  );
  // A row that was tried before is among the delayed ones, like those behind it.
  return waits || row.phase !== 'fresh' || row.suspect ? 'blocked' : 'go';
}

/** What came through the log knows no row of the model, and was not noted as yielded. */
function withRows(model: StoreModel, lease: Lease, settlements: Settlements): Settlements {
  const found = (claimed: ClaimedMessage): ClaimedMessage => {
    if (claimed.ref !== null) return claimed;
    const row = model.rows.get(claimed.id);
    const mine = row !== undefined && model.holders.get(row.partition)?.token === lease.token;
    if (row !== undefined && mine) row.yieldedTo ??= lease.token;
    return { ...claimed, ref: row ?? { partition: -1, yieldedTo: null } };
  };
  return {
    accepted: settlements.accepted.map(found),
    retry: settlements.retry.map((retry) => ({ ...retry, message: found(retry.message) })),
    dead: settlements.dead.map((dead) => ({ ...dead, message: found(dead.message) })),
    returned: settlements.returned.map(found),
  };
}
