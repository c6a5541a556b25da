import type { Cancellation } from './cancellation.ts';
import type { Connection } from './connection.ts';
import type { Line } from './line.ts';
import type { Redirect } from './outcome.ts';

/** Lines whose streams live on one server. */
export interface Group {
  readonly connection: Connection;
  /** Whether the server has to be told that it was named by a redirection for this once. */
  readonly asking: boolean;
  readonly lines: readonly Line[];
}

/** Where streams live: on one server, or on the nodes of a cluster. */
export interface Servers {
  /** Whether the outage of one server is that of the whole broker. */
  readonly areOne: boolean;

  /**
   * Sorts lines by the servers of their streams; a line without a server fails.
   *
   * @throws OutboxError `TRANSPORT_UNAVAILABLE` when there is no server at all
   */
  place(lines: readonly Line[], cancellation: Cancellation): Promise<readonly Group[]>;

  /**
   * The connection to the server of one stream, which need not be open.
   *
   * @param once - the redirection to follow for this once, or `null`
   * @throws OutboxError when no server has the stream, or there is none at all
   */
  locate(stream: string, once: Redirect | null, cancellation: Cancellation): Promise<Connection>;

  /** Learns where a stream is now; `false` when the address is of no use here. */
  follow(stream: string, redirect: Redirect): boolean;

  /** A connection could not be had: forgets what was known, and tells whether the stream may be elsewhere by now. */
  hasMoved(stream: string, connection: Connection): Promise<boolean>;

  /** A connection to ask whether the broker as a whole serves, with the commands that tell. */
  representative(cancellation: Cancellation): Promise<Connection>;

  /** The connections that are watched: ours, as far as they are open. */
  open(): readonly Connection[];

  /** Ends what is ours, and takes the listeners off the rest. */
  close(): Promise<void>;
}
