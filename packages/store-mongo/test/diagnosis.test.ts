import { randomBytes } from 'node:crypto';
import type { Finding } from '@outrelay/core';
import { serverUrl, startDocumentdb } from '@outrelay/servers';
import { MongoClient } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mongoStore } from '../src/index.ts';

const url = serverUrl('mongodb');

function complaints(findings: readonly Finding[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    findings.filter(({ verdict }) => verdict !== 'good').map(({ check, verdict }) => [check, verdict]),
  );
}

describe.runIf(url !== undefined)('the diagnosis of MongoDB (needs a server)', () => {
  async function examined(options: object = {}, at: string = url as string): Promise<readonly Finding[]> {
    const client = new MongoClient(at, options);
    onTestFinished(() => client.close());
    const database = `outrelay_${randomBytes(6).toString('hex')}`;
    return mongoStore({ client, database }).diagnosis.examine();
  }

  it('finds nothing to complain of where all is well', async () => {
    const findings = await examined();
    expect(complaints(findings)).toEqual({});
    expect(findings.map(({ check }) => check)).toEqual([
      ...['version', 'replica-set', 'writable', 'write-concern', 'clock'],
    ]);
  });

  it('finds a client whose writes a failover takes back', async () => {
    expect(complaints(await examined({ writeConcern: { w: 1 } }))).toEqual({ 'write-concern': 'warning' });
  });

  it('finds a standalone server', async () => {
    const standalone = await startDocumentdb({ role: 'standalone' });
    onTestFinished(() => standalone.remove());
    expect(complaints(await examined({}, standalone.url))).toEqual({ 'replica-set': 'fault' });
  }, 120_000);
});
