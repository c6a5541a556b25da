import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { staleFiles, writeGenerated } from '../../generate/generators.mjs';
import { scratch } from '../scratch.mjs';

/** An endurance run as the lab records it. */
const RECORD = {
  database: 'SQLite 3',
  broker: 'Redis 7',
  node: '20',
  minutes: 2,
  perSecond: 10,
  relays: 2,
  written: 1200,
  arrived: 1200,
  duplicates: 3,
  faults: [],
  incidents: [{ what: 'kill' }],
  moments: [
    { atS: 0, readMs: 1 },
    { atS: 60, readMs: null },
    { atS: 120, readMs: 2 },
  ],
};

const README = '# X\n<!-- capabilities:start -->\nold\n<!-- capabilities:end -->\nafter\n';

/** A repository with built packages, as far as the generators look at them. */
function repository({
  readme = README,
  adapter = "export const capabilities = { leaseScope: 'key' };",
  record = 'endurance-sqlite',
} = {}) {
  return scratch({
    'pnpm-workspace.yaml': 'packages:\n  - packages/*\n\n',
    'README.md': readme,
    [`lab/records/${record}.json`]: RECORD,
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
    const all = ['docs/errors.md', 'README.md', 'docs/endurance.svg', 'docs/endurance.md'];
    expect(await staleFiles(root)).toEqual(all);
    expect(await writeGenerated(root)).toEqual(all);
    expect(await staleFiles(root)).toEqual([]);
    const errors = readFileSync(join(root, 'docs/errors.md'), 'utf8');
    expect(errors).toContain('## BAD\n\nIt is bad.\n\nDo better.\n\nRetryable: yes.\n');
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    expect(readme).toContain('| [x](packages/store-x) | key |');
    expect(readme.endsWith('<!-- capabilities:end -->\nafter\n')).toBe(true);
    expect(readme).not.toContain('old');
    const endurance = readFileSync(join(root, 'docs/endurance.md'), 'utf8');
    expect(endurance).toContain('2 minutes at 10 messages a second');
    expect(endurance).toContain('| 1200 | 1200 | 3 | 0 |');
  });

  it('need their place in the README', async () => {
    await expect(staleFiles(repository({ readme: '# X\n' }))).rejects.toThrow('README.md has no place');
  });

  it('need the record that they are made of', async () => {
    await expect(staleFiles(repository({ record: 'other' }))).rejects.toThrow(
      'lab/records/endurance-sqlite.json is missing',
    );
  });

  it('need an adapter to declare what it can', async () => {
    await expect(staleFiles(repository({ adapter: 'export {};' }))).rejects.toThrow(
      '@outrelay/store-x exports no constant `capabilities`',
    );
  });
});
