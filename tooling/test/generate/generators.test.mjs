import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { staleFiles, writeGenerated } from '../../generate/generators.mjs';
import { scratch } from '../scratch.mjs';

const README = '# X\n<!-- capabilities:start -->\nold\n<!-- capabilities:end -->\nafter\n';

/** A repository with built packages, as far as the generators look at them. */
function repository({
  readme = README,
  adapter = "export const capabilities = { leaseScope: 'key' };",
} = {}) {
  return scratch({
    'pnpm-workspace.yaml': 'packages:\n  - packages/*\n\n',
    'README.md': readme,
    'packages/core/package.json': { name: '@outrelay/core', type: 'module' },
    'packages/core/dist/index.js':
      "export const ERROR_CODES = { BAD: { retryable: true, meaning: 'It is bad.', remedy: 'Do better.' } };",
    'packages/store-x/package.json': { name: '@outrelay/store-x', type: 'module' },
    'packages/store-x/dist/index.js': adapter,
  });
}

describe('generated files', () => {
  it('are written, and are then up to date', async () => {
    const root = repository();
    expect(await staleFiles(root)).toEqual(['docs/errors.md', 'README.md']);
    expect(await writeGenerated(root)).toEqual(['docs/errors.md', 'README.md']);
    expect(await staleFiles(root)).toEqual([]);
    const errors = readFileSync(join(root, 'docs/errors.md'), 'utf8');
    expect(errors).toContain('## BAD\n\nIt is bad.\n\nDo better.\n\nRetryable: yes.\n');
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    expect(readme).toContain('| [x](packages/store-x) | key |');
    expect(readme.endsWith('<!-- capabilities:end -->\nafter\n')).toBe(true);
    expect(readme).not.toContain('old');
  });

  it('need their place in the README', async () => {
    await expect(staleFiles(repository({ readme: '# X\n' }))).rejects.toThrow('README.md has no place');
  });

  it('need an adapter to declare what it can', async () => {
    await expect(staleFiles(repository({ adapter: 'export {};' }))).rejects.toThrow(
      '@outrelay/store-x exports no constant `capabilities`',
    );
  });
});
