import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findBinary, isExecutable } from '../system/binary.ts';
import { run } from '../system/run.ts';

/** The major versions that come as npm packages for Linux on x64; other platforms use installed ones. */
export const PACKAGED_POSTGRES: readonly number[] = [13, 14, 15, 16, 17, 18];

const DEBIAN_PLACE = '/usr/lib/postgresql';

/** The programs of one PostgreSQL version. */
export interface PostgresBinaries {
  readonly major: number;
  /** The full version, for example `15.20`. */
  readonly version: string;
  /** The directory of `postgres` and `initdb`. */
  readonly bin: string;
}

/**
 * The programs of a major version, or of the newest installed one: from Debian's place, from PATH, from the npm
 * package, in this order. `null` when there are none.
 */
export async function findPostgres(major?: number): Promise<PostgresBinaries | null> {
  for (const bin of [...debianPlaces(), ...onPath(), ...packaged()]) {
    const found = await inspect(bin);
    if (found !== null && (major === undefined || found.major === major)) return found;
  }
  return null;
}

function debianPlaces(): readonly string[] {
  try {
    const versions = readdirSync(DEBIAN_PLACE).toSorted((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(DEBIAN_PLACE, version, 'bin'));
  } catch {
    return [];
  }
}

function onPath(): readonly string[] {
  const path = findBinary('initdb');
  return path === null ? [] : [dirname(path)];
}

function packaged(): readonly string[] {
  const require = createRequire(import.meta.url);
  const places: string[] = [];
  for (const major of PACKAGED_POSTGRES.toReversed()) {
    try {
      const entry = require.resolve(`postgres-${major}`);
      places.push(join(dirname(entry), '..', 'native', 'bin'));
    } catch {
      // Not for this platform, or left out of the installation.
    }
  }
  return places;
}

async function inspect(bin: string): Promise<PostgresBinaries | null> {
  const postgres = join(bin, 'postgres');
  if (!isExecutable(postgres) || !isExecutable(join(bin, 'initdb'))) return null;
  const { output } = await run(postgres, ['--version']);
  const version = /\(PostgreSQL\) (?<version>[\d.]+)/.exec(output)?.groups?.['version'];
  return version === undefined ? null : { major: Number.parseInt(version, 10), version, bin };
}
