import { setTimeout as delay } from 'node:timers/promises';
import type { BadFinding, Finding } from '@outrelay/core';
import { type ServerInstance, startMariadb, until } from '@outrelay/servers';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { diagnosisFacet } from '../src/diagnosis.ts';
import { serverFindings } from '../src/diagnosis/server.ts';
import { type MysqlStore, mysqlStore } from '../src/index.ts';
import { readMysqlOptions } from '../src/options.ts';
import { ownConnections } from '../src/relay-side.ts';

/**
 * The server lists transactions from a copy, and makes a new one only when nobody has read it for a tenth of a
 * second. Whoever asks more often sees the old one for ever.
 */
const COPY_MS = 150;

const WELL = ['--innodb-flush-log-at-trx-commit=1'];
const ILL = [
  ...['--log-bin', '--binlog-format=STATEMENT', '--read-only=1', '--sql-mode='],
  ...[
    '--max-allowed-packet=1M',
    '--transaction-isolation=SERIALIZABLE',
    '--innodb-flush-log-at-trx-commit=0',
  ],
];

function complaints(findings: readonly Finding[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    findings.filter(({ verdict }) => verdict !== 'good').map(({ check, verdict }) => [check, verdict]),
  );
}

function complaint(findings: readonly Finding[], name: string): BadFinding {
  const found = findings.find(({ check }) => check === name);
  if (found === undefined || found.verdict === 'good') throw new Error(`Nothing is wrong with ${name}.`);
  return found;
}

/** On a server of its own, which is set up well first and badly after that. */
describe('the diagnosis of MariaDB', () => {
  let server: ServerInstance<readonly string[]>;
  const urlOf = (user = 'root'): string => {
    const url = new URL(`${server.url}shop`);
    url.username = user;
    return url.href;
  };
  const storeAs = (user?: string): MysqlStore => {
    const store = mysqlStore({ url: urlOf(user) });
    onTestFinished(() => store.close());
    return store;
  };
  async function run(...statements: readonly string[]): Promise<void> {
    const connection = await createConnection(server.url);
    for (const statement of statements) await connection.query(statement);
    await connection.end();
  }

  beforeAll(async () => {
    server = await startMariadb({ args: WELL });
    await run('CREATE DATABASE shop');
    const store = mysqlStore({ url: urlOf() });
    await store.schema.apply();
    await store.close();
  });
  afterAll(() => server.remove());

  it('finds nothing to complain of where all is well', async () => {
    const findings = await storeAs().diagnosis.examine();
    expect(complaints(findings)).toEqual({});
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['version', 'binlog-format', 'rights', 'held-transactions', 'clock']),
    );
  });

  it('names the grants that a user lacks, and finds them when they were made', async () => {
    await run("CREATE USER 'relay'@'%'", "GRANT SELECT, INSERT ON shop.outbox_messages TO 'relay'@'%'");
    const before = await storeAs('relay').diagnosis.examine();
    expect(complaints(before)).toEqual({ rights: 'fault' });
    const { seen, remedy } = complaint(before, 'rights');
    expect(seen).toContain('UPDATE, DELETE on `outbox_messages`');
    await run(remedy);
    // A connection goes on with the rights on a database that it began with.
    expect(complaints(await storeAs('relay').diagnosis.examine())).toEqual({});
  });

  it('finds a transaction that is held open, and how to end it', async () => {
    const settings = readMysqlOptions('test', { url: urlOf() });
    const connections = ownConnections(settings);
    onTestFinished(() => connections.close());
    const diagnosis = diagnosisFacet(connections, settings, 0);
    const holder = await createConnection(urlOf());
    holder.on('error', () => {});
    await holder.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
    await holder.query('SELECT COUNT(*) FROM outbox_messages');
    const examine = async (): Promise<readonly Finding[]> => {
      await delay(COPY_MS);
      return diagnosis.examine();
    };
    await until('the transaction is found, and how to end it', async () => {
      const { remedy } = complaint(await examine(), 'held-transactions');
      expect(remedy).toBe(`KILL ${holder.threadId};`);
    });
    await holder.query('ROLLBACK');
    await until('the transaction is gone', async () => expect(complaints(await examine())).toEqual({}));
    await holder.end();
  });

  it.each([
    ['8.0.40', 'fault'],
    ['8.4.3', 'good'],
    ['9.1.0', 'good'],
    ['10.5.9-MariaDB', 'fault'],
    ['10.6.1-MariaDB-log', 'good'],
  ])('judges version %s as %s', (version, verdict) => {
    const findings = serverFindings({ version, user: 'root@%', variables: new Map() });
    expect(findings.find(({ check }) => check === 'version')?.verdict).toBe(verdict);
  });

  it('finds every setting that is wrong, and statements that make it right', async () => {
    await server.restart(ILL);
    const findings = await storeAs().diagnosis.examine();
    expect(complaints(findings)).toEqual({
      writable: 'fault',
      'binlog-format': 'fault',
      'flush-at-commit': 'warning',
      isolation: 'warning',
      'sql-mode': 'warning',
      'max-allowed-packet': 'warning',
    });
    for (const name of Object.keys(complaints(findings))) {
      const { remedy } = complaint(findings, name);
      await run((/SET GLOBAL [^;]+;/.exec(remedy) as RegExpExecArray)[0]);
    }
    expect(complaints(await storeAs().diagnosis.examine())).toEqual({});
  });
});
