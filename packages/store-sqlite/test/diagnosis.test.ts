import { chmodSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '@outrelay/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { diagnosisFacet } from '../src/diagnosis.ts';
import { sqliteStore } from '../src/index.ts';
import { readSqliteOptions } from '../src/options.ts';
import { DRIVERS, openDatabase } from './support/drivers.ts';
import { scratchDirectory } from './support/scratch.ts';

const NOBODY = 65_534;
const MIB = 1024 ** 2;

function complaints(findings: readonly Finding[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    findings.filter(({ verdict }) => verdict !== 'good').map(({ check, verdict }) => [check, verdict]),
  );
}

describe.each(DRIVERS)('the diagnosis of a file, with $name', ({ driver }) => {
  async function installed(): Promise<string> {
    const directory = scratchDirectory();
    onTestFinished(() => directory.remove());
    const file = join(directory.path, 'shop.db');
    const store = sqliteStore({ file, driver });
    await store.schema.apply();
    await store.close();
    return file;
  }
  const facetOn = (
    file: string,
    bounds: { littleSpace?: number; longLog?: number } = {},
  ): ReturnType<typeof diagnosisFacet> =>
    diagnosisFacet(readSqliteOptions('test', { file, driver }), {
      littleSpace: 0,
      longLog: 256 * MIB,
      ...bounds,
    });

  it('finds nothing to complain of in a file that is as it should be', async () => {
    const findings = await facetOn(await installed()).examine();
    expect(complaints(findings)).toEqual({});
    expect(findings.map(({ check }) => check)).toEqual([
      ...['driver', 'writable', 'free-space', 'version', 'journal-mode', 'log-size'],
    ]);
  });

  it('finds a file without write-ahead logging, until the remedy was applied', async () => {
    const file = await installed();
    const db = openDatabase(driver, file);
    db.exec('PRAGMA journal_mode = DELETE');
    db.close();
    const findings = await facetOn(file).examine();
    expect(complaints(findings)).toEqual({ 'journal-mode': 'fault' });
    const store = sqliteStore({ file, driver });
    onTestFinished(() => store.close());
    await store.schema.apply();
    expect(complaints(await facetOn(file).examine())).toEqual({});
  });

  it('finds a file that this user may not write', async () => {
    const file = await installed();
    chmodSync(file, 0o444);
    const isRoot = process.geteuid?.() === 0;
    // Root may write everything, so it becomes somebody for a moment.
    if (isRoot) {
      chownSync(join(file, '..'), NOBODY, NOBODY);
      process.seteuid?.(NOBODY);
    }
    try {
      expect(complaints(await facetOn(file).examine())).toEqual({ writable: 'fault' });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('finds that the folder is missing', async () => {
    const file = join(await installed(), '..', 'nowhere', 'shop.db');
    expect(complaints(await facetOn(file).examine())).toEqual({ writable: 'fault', 'free-space': 'fault' });
  });

  it('finds that little space is left', async () => {
    const facet = facetOn(await installed(), { littleSpace: Number.MAX_SAFE_INTEGER });
    expect(complaints(await facet.examine())).toEqual({ 'free-space': 'warning' });
  });

  it('finds a log that an open transaction keeps from shrinking', async () => {
    const file = await installed();
    const reader = openDatabase(driver, file);
    const writer = openDatabase(driver, file);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM outbox_messages').get();
    writer.exec('CREATE TABLE filler (content)');
    const fill = writer.prepare('INSERT INTO filler VALUES (zeroblob(1000000))');
    for (let at = 0; at < 12; at++) fill.run();
    const facet = facetOn(file, { longLog: 8 * MIB });
    expect(complaints(await facet.examine())).toEqual({ 'log-size': 'warning' });
    reader.exec('ROLLBACK');
    reader.close();
    writer.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    expect(complaints(await facet.examine())).toEqual({});
    writer.close();
  });
});
