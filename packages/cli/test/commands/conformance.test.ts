import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { outrelay } from '../support/outrelay.ts';

const require = createRequire(import.meta.url);

/** A project with a harness of the memory store; `broken` replaces what its stores are made of. */
function project(broken = 'store'): string {
  const folder = temporaryFolder();
  const home = join(folder, 'node_modules', '@outrelay');
  mkdirSync(home, { recursive: true });
  for (const name of ['core', 'conformance', 'store-memory'])
    symlinkSync(dirname(dirname(require.resolve(`@outrelay/${name}`))), join(home, name));
  writeFileSync(
    join(folder, 'harness.mjs'),
    `import { capabilities, memoryStore } from '@outrelay/store-memory';
     export const harness = {
       kind: 'store',
       name: 'a store in memory',
       capabilities,
       facets: ['transactions', 'wakeups', 'inspection', 'recovery', 'maintenance', 'inbox', 'parking', 'diagnosis'],
       async open() {
         let offsetMs = 0;
         const store = memoryStore({ now: () => Date.now() + offsetMs });
         return {
           connect: () => ({ ...${broken}, async close() {} }),
           async begin() {
             const handle = store.begin();
             const promised = (verb) => async () => handle[verb]();
             return { handle, commit: promised('commit'), rollback: promised('rollback') };
           },
           rootHandle: () => undefined,
           elapse: async (ms) => { offsetMs += ms; },
           now: async () => new Date(Date.now() + offsetMs),
           remove: () => store.close(),
         };
       },
     };`,
  );
  return folder;
}

describe('outrelay conformance', () => {
  it('proves a store, with progress on stderr and the report on stdout', async () => {
    const { code, stdout, stderr } = await outrelay(['conformance', './harness.mjs', '--grep', 'S2'], {
      cwd: project(),
    });
    expect(stdout).toContain('a store in memory: conforms');
    expect(stderr).toContain(
      '✓ S2.1 [of one append]  Messages of one key are yielded in the order of append',
    );
    expect(code).toBe(0);
  });

  it('tells the author of a broken store the clause, the obligation, what was seen and how to see it again', async () => {
    const cwd = project('store, read: async (...asked) => (await store.read(...asked)).toReversed()');
    const { code, stdout } = await outrelay(['conformance', 'harness.mjs', '--grep', 'S2.1', '--seed', '7'], {
      cwd,
    });
    expect(stdout).toContain('✗ S2.1 [of one append] is not kept');
    expect(stdout).toContain('obligation: Messages of one key are yielded in the order of append');
    expect(stdout).toMatch(
      /seen: order of yielded messages, key orders\/k\d: the order differs from number 1 on/,
    );
    expect(stdout).toContain('again: seed 7, --grep S2.1');
    expect(stdout).toContain('a store in memory: does not conform');
    expect(code).toBe(1);
  });

  it('writes JSON and nothing else to stdout', async () => {
    const args = ['conformance', 'harness.mjs', '--grep', 'S2.1', '--report', 'json'];
    const { code, stdout } = await outrelay(args, { cwd: project() });
    expect(JSON.parse(stdout)).toMatchObject({ spec: 1, adapter: 'a store in memory', conforms: true });
    expect(code).toBe(0);
  });

  it('says what to install when the suite is missing, and what is wrong with a harness', async () => {
    const bare = temporaryFolder();
    writeFileSync(join(bare, 'pnpm-lock.yaml'), '');
    const missing = await outrelay(['conformance', 'harness.mjs'], {
      cwd: bare,
      // Package managers point it at the packages of this workspace.
      env: { NODE_PATH: '' },
    });
    expect(missing).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: The package @outrelay/conformance is not installed here.\nInstall it: pnpm add -D @outrelay/conformance\n',
    });
    const cwd = project();
    writeFileSync(join(cwd, 'number.mjs'), 'export default 1;');
    const nothing = await outrelay(['conformance', 'harness.mjs', '--grep', 'nobody says this'], {
      cwd,
    });
    expect(nothing).toMatchObject({ code: 2, stdout: '' });
    expect(nothing.stderr).toMatch(
      /^error: No clause that can be exercised against "a store in memory" matches/,
    );
    const wrong = await outrelay(['conformance', 'number.mjs'], { cwd });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(
      /^error: Expected the default export of number\.mjs, or its export "harness"/,
    );
    const absent = await outrelay(['conformance', 'missing.mjs'], { cwd });
    expect(absent.code).toBe(2);
    expect(absent.stderr).toMatch(/^error: The harness missing\.mjs cannot be loaded/);
  });
});
