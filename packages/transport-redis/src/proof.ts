import type { Cancellation } from './cancellation.ts';
import type { Command, Reply } from './client.ts';
import type { Connection } from './connection.ts';
import { causeText, unavailable } from './errors.ts';

/**
 * A command after the entries that tells whether more than the memory of one server has them: `WAIT` or `WAITAOF`.
 *
 * Both answer with what was reached, also when that is too little; the entries are stored all the same. Repeating
 * them while a replica is away would store them again and again, so the proof is asked for once before anything is
 * sent on a new connection, and again after it failed: then nothing is sent until it holds.
 */
export interface Proof {
  readonly command: Command;
  /** How long the server may take for it. */
  readonly timeoutMs: number;
  /** What is missing, or `null` when nothing is. */
  missing(reply: Reply): string | null;
}

/** How many replicas must have received what is accepted. */
export interface WaitOptions {
  readonly replicas: number;
  /** Milliseconds to wait for them. Default: 1,000. */
  readonly timeoutMs?: number | undefined;
}

/** Who must have written what is accepted to their append-only files, with fsync. Needs Redis 7.2. */
export interface WaitAofOptions {
  /** Replicas besides the primary. Default: 0. */
  readonly replicas?: number | undefined;
  /** Milliseconds to wait for them. Default: 1,000. */
  readonly timeoutMs?: number | undefined;
}

/** `WAIT replicas timeout`: the replicas have received everything this connection wrote. */
export function waitProof(replicas: number, timeoutMs: number): Proof {
  return {
    command: { name: 'WAIT', args: [replicas, timeoutMs] },
    timeoutMs,
    missing([error, reply]) {
      if (error !== null) return causeText(error);
      return Number(reply) >= replicas ? null : `${String(reply)} of ${replicas} replicas have it`;
    },
  };
}

/** `WAITAOF 1 replicas timeout`: the primary and the replicas have it on disk. */
export function waitAofProof(replicas: number, timeoutMs: number): Proof {
  return {
    command: { name: 'WAITAOF', args: [1, replicas, timeoutMs] },
    timeoutMs,
    missing([error, reply]) {
      if (error !== null) return causeText(error);
      const [local, others] = (Array.isArray(reply) ? reply : []).map(Number);
      if (local === undefined || others === undefined) return 'the answer was not understood';
      if (local >= 1 && others >= replicas) return null;
      return `the primary ${local >= 1 ? 'has' : 'has not'} it on disk, and ${others} of ${replicas} replicas`;
    },
  };
}

/**
 * Makes sure of the proof before anything is sent; does nothing where it held the last time.
 *
 * @throws OutboxError `TRANSPORT_UNAVAILABLE` when it does not hold
 */
export async function prove(
  connection: Connection,
  proof: Proof | null,
  commandTimeoutMs: number,
  cancellation: Cancellation,
): Promise<void> {
  if (proof === null || connection.proven) return;
  const timeoutMs = commandTimeoutMs + proof.timeoutMs;
  const replies = await connection.exchange([proof.command], timeoutMs, cancellation);
  if (replies === 'cancelled') return;
  if (typeof replies === 'string') throw unavailable(connection.name, `no answer to ${proof.command.name}`);
  const missing = proof.missing(replies[0] as Reply);
  if (missing !== null) {
    throw unavailable(
      connection.name,
      `${proof.command.name} does not hold before anything is sent: ${missing}`,
    );
  }
  connection.proven = true;
}
