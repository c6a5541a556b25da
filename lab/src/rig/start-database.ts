import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseAccess } from './application.ts';

/** Databases that the lab can run on. */
export const DATABASES = ['sqlite'] as const;

/** One of them. */
export type DatabaseName = (typeof DATABASES)[number];

/** A database of one run's own. */
export interface LabDatabase {
  readonly access: DatabaseAccess;
  /** For the record: what it is, with its version. */
  readonly title: string;
  remove(): Promise<void>;
}

/** Starts a database, empty. */
export async function startDatabase(name: DatabaseName): Promise<LabDatabase> {
  const directory = mkdtempSync(join(tmpdir(), `outrelay-lab-${name}-`));
  return {
    access: { kind: 'sqlite', file: join(directory, 'lab.db') },
    title: 'SQLite',
    remove: async () => rmSync(directory, { recursive: true, force: true }),
  };
}
