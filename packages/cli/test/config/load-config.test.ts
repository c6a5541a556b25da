import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { temporaryFolder } from '../support/folder.ts';

/** The least that counts as a store here; nothing of it is called. */
const STORE = "{ spec: 1, name: 'own', capabilities: { append: 'async', limits: {} }, claim() {} }";

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

describe('loadConfig', () => {
  it('is content without a configuration', async () => {
    expect(await loadConfig(undefined, temporaryFolder())).toBeNull();
  });

  it('finds the file of the folder, or takes the one that is named', async () => {
    const source = (name: string): string => `export default { store: ${STORE}, name: '${name}' };`;
    const folder = folderWith({ 'outrelay.config.mjs': source('found'), 'other.mjs': source('named') });
    expect((await loadConfig(undefined, folder))?.config.name).toBe('found');
    expect((await loadConfig('other.mjs', folder))?.config.name).toBe('named');
  });

  it.each([
    [{}, 'no.mjs', '--config: there is no file no.mjs.'],
    [{ 'c.mjs': 'export const x = 1;' }, 'c.mjs', /^The configuration .*c\.mjs has no default export\.$/],
    [{ 'c.mjs': 'export default 1 +;' }, 'c.mjs', /^The configuration .*c\.mjs cannot be loaded: /],
    [{ 'c.mjs': 'export default [];' }, 'c.mjs', /to get an options object; got an array\.$/],
    [
      { 'c.mjs': 'export default { store: "sqlite:shop.db" };' },
      'c.mjs',
      /option "store" must be a store such as sqliteStore\(\{ file: 'shop\.db' \}\); got another text\.$/,
    ],
    [
      { 'c.mjs': `export default { store: ${STORE}, transports: {} };` },
      'c.mjs',
      /has no option "transports"\. It takes: store, transport, routes, /,
    ],
    [{ 'c.mjs': 'export default { store: {} };' }, 'c.mjs', /^Expected a store such as /],
  ])('refuses %j', async (files, name, message) => {
    await expect(loadConfig(name, folderWith(files))).rejects.toThrow(message);
  });

  it('does not guess between two files', async () => {
    const folder = folderWith({ 'outrelay.config.mjs': '', 'outrelay.config.js': '' });
    await expect(loadConfig(undefined, folder)).rejects.toThrow('There are several configuration files here');
  });

  const { typescript } = process.features as { typescript?: unknown };
  const stripsTypes = typescript !== undefined && typescript !== false;
  const typed = {
    'package.json': '{ "type": "module" }',
    'outrelay.config.ts': `const name: string = 'typed'; export default { store: ${STORE}, name };`,
  };

  it('reads TypeScript where Node.js does, and says what to do where it does not', async () => {
    const outcome = await loadConfig(undefined, folderWith(typed)).then(
      (loaded) => `loaded ${loaded?.config.name}`,
      (error: Error & { advice?: string }) => `${error.message} ${error.advice}`,
    );
    expect(outcome).toMatch(
      stripsTypes
        ? /^loaded typed$/
        : /^This Node\.js \(v\d.*\) cannot read the TypeScript file .*outrelay\.config\.mjs/,
    );
  });
});
