import type { TransactionName } from './transactions.ts';

/** How many sessions are remembered; a driver reuses the few it has. */
const SESSIONS = 10_000;

/**
 * Remembers the reply to the last write of each session outside of transactions: a driver that did not get it sends
 * the write again under the same number, and it must not happen twice.
 */
export class RetriedWrites {
  readonly #last = new Map<string, { readonly number: bigint; readonly reply: Promise<Uint8Array> }>();

  once({ session, number }: TransactionName, write: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const last = this.#last.get(session);
    if (last?.number === number) return last.reply;
    const reply = write();
    this.#last.delete(session);
    this.#last.set(session, { number, reply });
    for (const oldest of this.#last.keys()) {
      if (this.#last.size <= SESSIONS) break;
      this.#last.delete(oldest);
    }
    // A write that failed did not happen, and may be tried again.
    reply.catch(() => this.#last.delete(session));
    return reply;
  }
}
