import type { ServerName } from '../names.ts';

/** A server that was started for a run, and what ends it. */
export interface OwnedServer {
  readonly url: string;
  readonly version: string;
  /** Ends the server and removes what it left. */
  remove(): Promise<void>;
}

/** One kind of server, and the facts that each rung of the ladder needs. */
export interface ServerKind {
  readonly name: ServerName;
  /** The name for people. */
  readonly title: string;
  /** The standard port. */
  readonly port: number;
  /** URLs under which an ordinary local installation lets its owner in; tried in order. */
  readonly localUrls: readonly string[];
  /** The version behind a URL; rejects when no server of this kind answers there. */
  identify(url: string): Promise<string>;
  /** Starts a throw-away server from a binary of this machine; `null` when there is no binary. */
  start(): Promise<OwnedServer | null>;
  /** The service of `compose.yaml`. */
  readonly service: string;
  /** Packages of Debian that bring the binary; empty when Debian has none. */
  readonly debianPackages: readonly string[];
  /** Packages that only the newest Debian has, for a root of their own; empty when there are none. */
  readonly sidPackages: readonly string[];
  /** The one command that would provide a server. */
  readonly remedy: string;
}
