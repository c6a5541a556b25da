import type { ServerKind } from '../kinds/server-kind.ts';

/** A server that a rung found. */
export interface FoundServer {
  readonly url: string;
  readonly version: string;
  /** How it was found, for people, for example `listening on 127.0.0.1:6379`. Never a URL: those hold passwords. */
  readonly origin: string;
  /** Ends what the rung started; does nothing to a server that was there before. */
  remove(): Promise<void>;
}

/** What a rung answers: a server, or why it has none. */
export type RungAnswer = FoundServer | { readonly none: string };

/** One way to come by a server. */
export type Rung = (kind: ServerKind) => Promise<RungAnswer>;

/** For servers that belong to somebody else. */
export function leaveRunning(): Promise<void> {
  return Promise.resolve();
}

/** One line on why something failed; drivers put the useful part into the cause or into a list. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join(', ');
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}
