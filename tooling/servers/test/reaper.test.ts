import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { note, until } from '../src/index.ts';
import { findPostgres } from '../src/kinds/postgres-binaries.ts';
import { findBinary } from '../src/system/binary.ts';
import { descendants } from '../src/system/descendants.ts';

const PROGRAM = fileURLToPath(new URL('./fixtures/leaves-servers.mjs', import.meta.url));
const ENDINGS = ['return', 'throw', 'SIGINT', 'SIGTERM', 'SIGKILL'] as const;

const here = {
  redis: findBinary('redis-server', 'valkey-server') !== null,
  postgres: (await findPostgres()) !== null,
};

for (const [kind, present] of Object.entries(here)) {
  if (!present) note({ kind: 'skip', reason: `no ${kind} on this machine` });
  describe.skipIf(!present)(`${kind} without its parent`, () => {
    it.each(ENDINGS)('is gone with its processes and data after %s', async (ending) => {
      const parent = spawn(process.execPath, [PROGRAM, kind, ending], { stdio: ['pipe', 'pipe', 'ignore'] });
      const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
      const { pid, directory } = JSON.parse(line) as { pid: number; directory: string };
      const family = [pid, ...descendants(pid)];
      if (ending.startsWith('SIG')) parent.kill(ending as NodeJS.Signals);
      await until('the parent has ended', () => expect(hasEnded(parent)).toBe(true));
      await until('the server has ended', () => expect(family.filter(isRunning)).toEqual([]));
      await until('its directory is gone', () => expect(existsSync(directory)).toBe(false));
    });
  });
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
