import { describe, expect, it } from 'vitest';
import { decisions } from '../../checks/rules/decisions.mjs';
import { licences } from '../../checks/rules/licences.mjs';
import { links } from '../../checks/rules/links.mjs';
import { localPaths } from '../../checks/rules/local-paths.mjs';
import { lockFile } from '../../checks/rules/lock-file.mjs';
import { marks } from '../../checks/rules/marks.mjs';
import { versions } from '../../checks/rules/versions.mjs';
import { scratchRepository } from '../scratch-repository.mjs';

/**
 * Joins what must not stand in this file as one word: the checks read it too.
 *
 * @param {...string} parts
 */
const word = (...parts) => parts.join('');

/**
 * For each rule: a repository that keeps it, and one that breaks it with what is said then.
 *
 * @type {[import('../../checks/run-checks.mjs').Check, Record<string, string | object>, Record<string, string | object>, string[]][]}
 */
const CASES = [
  [
    marks,
    { 'a.test.ts': 'it.skipIf(old)("x");\nlist.only;', 'a.md': 'Call it.todos()' },
    { 'a.test.ts': word('x\ndescribe.concurrent.on', 'ly("x")'), 'b.md': word('FIX', 'ME later') },
    [word('a.test.ts:2 contains describe.concurrent.on', 'ly'), word('b.md:1 contains FIX', 'ME')],
  ],
  [
    localPaths,
    { 'a.md': 'Installed in /usr/lib/postgresql, see /homepage/x', 'b.ts': "'./work/x'" },
    {
      'a.ts': word("const x = '/ho", "me/ann/x';"),
      'b.md': word('C:', '\\Users'),
      'c.ts': word("const x = 'C:", "\\\\Users\\\\ann';"),
      'd.md': word('(file:///ho', 'me/ann/x)\n"file:///C', ':/Users"'),
    },
    [
      word('a.ts:1 names /ho', 'me/ann'),
      word('b.md:1 names C:', '\\Users'),
      word('c.ts:1 names C:', '\\\\Users'),
      word('d.md:1 names /ho', 'me/ann'),
      word('d.md:2 names /C', ':/Users'),
    ],
  ],
  [
    lockFile,
    { 'pnpm-lock.yaml': 'resolution: {integrity: sha512-x}' },
    {
      'x/package-lock.json': '{}',
      '.npmrc': word('//regis', 'try.npmjs.org/:x'),
      'pnpm-lock.yaml': 'resolution: {tarball: https://x}',
    },
    [
      'x/package-lock.json is of another package manager; this repository uses pnpm',
      '.npmrc names the host of a registry',
      'pnpm-lock.yaml holds download addresses',
    ],
  ],
  [
    licences,
    { LICENSE: 'MIT', 'packages/a/package.json': { name: 'a' }, 'packages/a/LICENSE': 'MIT' },
    {
      LICENSE: 'MIT',
      'packages/a/package.json': { name: 'a' },
      'packages/b/package.json': { name: 'b' },
      'packages/b/LICENSE': 'other',
    },
    [
      'packages/a/LICENSE is missing: copy the one of the root',
      'packages/b/LICENSE differs from the LICENSE of the root',
    ],
  ],
  [
    versions,
    {
      'packages/a/package.json': { name: 'a', version: '1.0.0' },
      'packages/b/package.json': { name: 'b', version: '1.0.0' },
    },
    {
      'packages/a/package.json': { name: 'a', version: '1.0.0' },
      'packages/b/package.json': { name: 'b', version: '1.0.1' },
    },
    ['They are released together, but: a 1.0.0, b 1.0.1'],
  ],
  [
    links,
    {
      'a.md': '[b](docs/b.md#the-other-b) [web](https://x.example) [self](#a) `[no](link)`\n# A\n',
      'docs/b.md': '## The *other* B\n```md\n[no](link.md)\n```\n[up](../a.md) [root](..) [here](../docs/)',
    },
    {
      'a.md': '[x](gone.md) [y](b.md#nowhere) [z](../out.md) [built](dist/c.js)',
      'b.md': '# B',
      'dist/c.js': '',
      '.gitignore': 'dist/',
    },
    [
      'a.md: gone.md does not exist',
      'a.md: b.md#nowhere names a heading that is not there',
      'a.md: ../out.md leads out of the repository',
      'a.md: dist/c.js does not exist',
    ],
  ],
  [
    decisions,
    { 'docs/adr/0001-a.md': 'x', 'docs/adr/README.md': '[a](0001-a.md)' },
    {
      'docs/adr/0001-a.md': 'x',
      'docs/adr/0001-b.md': 'x',
      'docs/adr/notes.md': 'x',
      'docs/adr/README.md': '[a](0001-a.md)',
    },
    [
      'docs/adr/notes.md: expected NNNN-title.md',
      'docs/adr/0001-b.md is not listed in docs/adr/README.md',
      'docs/adr: the number 0001 is used more than once',
    ],
  ],
];

describe.each(CASES)('$name', (check, good, bad, problems) => {
  it('finds nothing where there is nothing', async () => {
    expect(await check.run(scratchRepository(good))).toEqual([]);
  });

  it('finds what breaks it', async () => {
    expect(await check.run(scratchRepository(bad))).toEqual(problems);
  });
});
