import type { FSWatcher } from 'node:fs';
import type { WakeupListener, WakeupSubscription, WakeupsFacet } from '@outrelay/core';
import type { Connection, Session } from './connection.ts';
import { isBusy, storeFailure } from './errors.ts';
import { logReports } from './log-reports.ts';
import type { SqliteStoreSettings } from './options.ts';

/** How often the store looks while the operating system reports writes, in milliseconds. */
const RELAXED_MS = 100;
/** Looks after a report, a millisecond apart: the log is written before the commit can be seen, and then flushed. */
const LOOKS_AFTER_REPORT = 15;

/**
 * Notices commits of other connections, in this process and in others.
 *
 * `PRAGMA data_version` changes when another connection has committed, whatever it wrote; asking costs microseconds
 * and no lock. Only then the position sequence of this outbox is compared, so that business writes and other
 * installations in the same file wake nobody.
 */
export function wakeupsFacet(connection: Connection, settings: SqliteStoreSettings): Listening {
  const open = new Set<WakeupSubscription>();
  return {
    async listen(listener) {
      const watch = new Watch(connection, settings, listener);
      await watch.start();
      const subscription: WakeupSubscription = {
        async close() {
          open.delete(subscription);
          watch.stop();
        },
      };
      open.add(subscription);
      return subscription;
    },

    async close() {
      await Promise.all([...open].map((subscription) => subscription.close()));
    },
  };
}

/** The facet, with the end of everything it has started. */
export interface Listening extends WakeupsFacet {
  close(): Promise<void>;
}

/** What can be seen from outside: the version of the file, and the last position drawn. */
interface Seen {
  readonly version: unknown;
  readonly position: unknown;
}

/**
 * Looks at intervals, and when the operating system reports that the log was written.
 *
 * Whether reports come at all depends on the file system. What noticed the last commit decides: after a report the
 * looks are rare, after a look by the clock they are frequent.
 *
 * - `watching`: looks again and again. - `failing`: the last look failed, and `lost` was reported. - `stopped`.
 */
class Watch {
  readonly #connection: Connection;
  readonly #settings: SqliteStoreSettings;
  readonly #listener: WakeupListener;
  readonly #sequence: string;
  #seen: Seen = { version: null, position: null };
  #timer: NodeJS.Timeout | null = null;
  #relaxed = false;
  #reports: FSWatcher | null = null;
  #lookAgain: NodeJS.Timeout | null = null;
  #looksLeft = 0;
  #failing = false;

  constructor(connection: Connection, settings: SqliteStoreSettings, listener: WakeupListener) {
    this.#connection = connection;
    this.#settings = settings;
    this.#listener = listener;
    const { sequence, sequenceName } = settings.tables;
    this.#sequence = `SELECT seq FROM ${sequence} WHERE name = ${sequenceName} COLLATE NOCASE`;
  }

  /** Rejects when the database cannot be looked at. */
  async start(): Promise<void> {
    this.#seen = await this.#connection.bare((session) => ({
      version: versionOf(session),
      position: session.row(this.#sequence)?.[0],
    }));
    this.#reports = logReports(
      this.#settings.file.path,
      () => this.#reported(),
      () => this.#pace(false),
    );
    this.#pace(this.#reports !== null);
  }

  stop(): void {
    this.#reports?.close();
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#lookAgain !== null) clearTimeout(this.#lookAgain);
    this.#timer = this.#lookAgain = null;
  }

  #pace(relaxed: boolean): void {
    if (this.#timer !== null && relaxed === this.#relaxed) return;
    if (this.#timer !== null) clearInterval(this.#timer);
    const { wakeupIntervalMs } = this.#settings;
    this.#relaxed = relaxed;
    this.#timer = setInterval(
      () => {
        if (this.#look()) this.#pace(false);
      },
      relaxed ? Math.max(wakeupIntervalMs, RELAXED_MS) : wakeupIntervalMs,
    );
  }

  #reported(): void {
    // What this connection writes is reported as well, and changes nothing that a look could see.
    this.#looksLeft = this.#connection.takeWritten() ? 1 : LOOKS_AFTER_REPORT;
    if (this.#lookAgain === null) this.#lookAfterReport();
  }

  #lookAfterReport(): void {
    this.#lookAgain = null;
    if (this.#look()) this.#pace(true);
    else if (--this.#looksLeft > 0) this.#lookAgain = setTimeout(() => this.#lookAfterReport(), 1);
  }

  /** Answers whether another connection has committed. */
  #look(): boolean {
    try {
      const { committed, appended } = this.#connection.glance((session) => this.#compare(session));
      if (this.#failing) {
        this.#failing = false;
        this.#listener.restored();
      } else if (appended) {
        this.#listener.wake();
      }
      return committed;
    } catch (error) {
      if (isBusy(error) || this.#failing) return false;
      this.#failing = true;
      this.#listener.lost(storeFailure(error, this.#settings.file.path));
      return false;
    }
  }

  #compare(session: Session): { committed: boolean; appended: boolean } {
    const version = versionOf(session);
    if (version === this.#seen.version) return { committed: false, appended: false };
    const before = this.#seen.position;
    this.#seen = { version, position: session.row(this.#sequence)?.[0] };
    return { committed: true, appended: this.#seen.position !== before };
  }
}

function versionOf(session: Session): unknown {
  return session.row('PRAGMA main.data_version')?.[0];
}
