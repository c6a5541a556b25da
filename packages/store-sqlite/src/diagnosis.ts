import { accessSync, closeSync, constants, openSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type DiagnosisFacet, type Finding, fault, good, warning } from '@outrelay/core';
import { Connection } from './connection.ts';
import { nodeSqlite } from './driver.ts';
import type { SqliteStoreSettings } from './options.ts';

const MIB = 1024 ** 2;

/** From when on sizes are told, in bytes. */
interface Bounds {
  /** Less free space than this may not hold what waits while a broker is down for long. */
  readonly littleSpace: number;
  /** A log grows beyond this only while a reader keeps it from being copied back into the file. */
  readonly longLog: number;
}

/** Examines the file, the folder it is in and the driver. A file that is not there is not made. */
export function diagnosisFacet(
  settings: SqliteStoreSettings,
  bounds: Bounds = { littleSpace: 256 * MIB, longLog: 256 * MIB },
): DiagnosisFacet {
  return {
    async examine() {
      const { path, exists } = settings.file;
      const writable = writableFinding(path, exists);
      const place = [driverFinding(settings), writable, spaceFinding(path, bounds)];
      if (!exists || writable.verdict !== 'good') return place;
      return [...place, ...(await fileFindings(settings)), logFinding(path, bounds)];
    },
  };
}

function driverFinding({ driver }: SqliteStoreSettings): Finding {
  const own = driver.name === 'Database' ? 'better-sqlite3' : driver.name;
  return good('driver', driver === nodeSqlite() ? 'node:sqlite' : own);
}

function writableFinding(path: string, exists: boolean): Finding {
  const folder = dirname(path);
  try {
    // SQLite puts its log and the index of it beside the file.
    accessSync(folder, constants.W_OK);
    // Opened, because only that counts the rights that the process works with; nothing is written.
    if (exists) closeSync(openSync(path, constants.O_RDWR));
    return good('writable', exists ? path : `${folder}; the file does not exist yet`);
  } catch (error) {
    return fault('writable', {
      seen: `${path} cannot be written: ${(error as NodeJS.ErrnoException).code}`,
      expected: 'a file and a folder that this user may write: the log of SQLite stands beside the file',
      remedy: `As their owner or as root: chown ${userOf()} '${folder}' '${path}'*`,
    });
  }
}

function userOf(): string {
  return String(process.geteuid?.() ?? 'USER');
}

function spaceFinding(path: string, { littleSpace }: Bounds): Finding {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    const seen = `${Math.floor((bavail * bsize) / MIB)} MiB are free on the disk of ${path}`;
    if (bavail * bsize >= littleSpace) return good('free-space', seen);
    return warning('free-space', {
      seen,
      expected: `${Math.floor(littleSpace / MIB)} MiB: while a broker is down, messages stay`,
      remedy: 'Free some space, or move the file to a larger disk.',
    });
  } catch (error) {
    return fault('free-space', {
      seen: `the folder ${dirname(path)} cannot be looked at: ${(error as NodeJS.ErrnoException).code}`,
      expected: 'a folder that is there',
      remedy: `mkdir -p '${dirname(path)}'`,
    });
  }
}

async function fileFindings(settings: SqliteStoreSettings): Promise<readonly Finding[]> {
  const connection = new Connection({ ...settings, synchronous: 'NORMAL', create: false, verify: () => {} });
  try {
    const { version, mode } = await connection.read((session) => ({
      version: String(session.row('SELECT sqlite_version()')?.[0]),
      mode: String(session.row('PRAGMA journal_mode')?.[0]),
    }));
    return [good('version', `SQLite ${version}`), modeFinding(mode)];
  } finally {
    connection.close();
  }
}

function modeFinding(mode: string): Finding {
  if (mode === 'wal') return good('journal-mode', mode);
  return fault('journal-mode', {
    seen: `journal_mode is "${mode}"`,
    expected: '"wal": else the relay and the application keep each other waiting',
    remedy: 'outrelay migrate apply, which sets it for good; the file must be on a local disk',
  });
}

function logFinding(path: string, { longLog }: Bounds): Finding {
  const bytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const seen = `the log beside the file has ${Math.ceil(bytes / MIB)} MiB`;
  if (bytes <= longLog) return good('log-size', seen);
  return warning('log-size', {
    seen,
    expected: `less than ${Math.ceil(longLog / MIB)} MiB: a connection that keeps a transaction open keeps it from shrinking`,
    remedy: `End that process (fuser '${path}' lists them), then: sqlite3 '${path}' 'PRAGMA wal_checkpoint(TRUNCATE)'`,
  });
}
