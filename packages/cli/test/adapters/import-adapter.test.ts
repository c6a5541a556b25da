import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importAdapter } from '../../src/adapters/import-adapter.ts';
import { ADAPTERS } from '../../src/adapters/schemes.ts';
import { temporaryFolder } from '../support/folder.ts';

const POSTGRES = ADAPTERS.find(({ name }) => name === '@outrelay/store-postgres');
if (POSTGRES === undefined) throw new Error('the table of adapters lacks store-postgres');

/** A project in which this stands for the package. */
function projectWith(source: string): string {
  const folder = temporaryFolder();
  const home = join(folder, 'node_modules', '@outrelay', 'store-postgres');
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, 'package.json'),
    JSON.stringify({ type: 'module', exports: { '.': { types: './index.d.ts', default: './index.js' } } }),
  );
  writeFileSync(join(home, 'index.js'), source);
  writeFileSync(join(folder, 'pnpm-lock.yaml'), '');
  return folder;
}

describe('importAdapter', () => {
  it('takes the package of the project', async () => {
    const folder = projectWith('export const fromUrl = (url) => ({ url });');
    expect((await importAdapter(POSTGRES, folder)).fromUrl('postgres://db')).toEqual({
      url: 'postgres://db',
    });
  });

  it('finds a package that is beside the command line only', async () => {
    const [sqlite] = ADAPTERS;
    if (sqlite === undefined) throw new Error('the table of adapters is empty');
    expect(await importAdapter(sqlite, temporaryFolder())).toHaveProperty('fromUrl');
  });

  it.each([
    [
      "import 'pg'; export const fromUrl = () => {};",
      '@outrelay/store-postgres needs the driver pg, which is not installed here.',
      'Install it: pnpm add pg',
    ],
    [
      'export const postgresStore = () => {};',
      'The installed @outrelay/store-postgres cannot be used by URL: it is older than this command line.',
      'Upgrade it: pnpm add @outrelay/store-postgres@latest',
    ],
  ])('says what is wrong with %j', async (source, message, advice) => {
    await expect(importAdapter(POSTGRES, projectWith(source))).rejects.toMatchObject({ message, advice });
  });

  it('does not hide what else goes wrong in a package', async () => {
    const folder = projectWith("import 'something-else'; export const fromUrl = () => {};");
    await expect(importAdapter(POSTGRES, folder)).rejects.toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' });
  });
});
