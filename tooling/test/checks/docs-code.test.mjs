import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../bootstrap/paths.mjs';
import { codeBlocks } from '../../checks/markdown.mjs';
import { codeInDocs } from '../../checks/rules/code-in-docs.mjs';
import { scratchRepository } from '../scratch-repository.mjs';

/** @param {Record<string, string>} files */
function problemsIn(files) {
  const repository = scratchRepository({
    'tsconfig.base.json': '{"compilerOptions":{"strict":true}}',
    ...files,
  });
  symlinkSync(join(ROOT, 'node_modules'), join(repository.root, 'node_modules'), 'junction');
  return codeInDocs.run(repository);
}

describe('code in documents', () => {
  it('compiles each block by itself, with top-level await', async () => {
    const text = '```ts\nconst x: number = await Promise.resolve(1);\n```\n```ts\nconst x = "again";\n```\n';
    expect(await problemsIn({ 'a.md': text })).toEqual([]);
  });

  it('names the line of the document', async () => {
    const text = '# A\n\n```ts\nconst x = 1;\nconst y: string = x;\n```\n';
    const problems = await problemsIn({ 'docs/a.md': text });
    expect(problems).toEqual([expect.stringMatching(/^docs\/a\.md:5 error TS2322: /)]);
  });

  it('fails when the compiler does, without a word', async () => {
    const repository = scratchRepository({
      'a.md': '```ts\nconst x = 1;\n```\n',
      'node_modules/typescript/bin/tsc': 'process.exitCode = 3;',
    });
    expect(await codeInDocs.run(repository)).toEqual([
      'the compiler ended with exit code 3 and said nothing',
    ]);
  });

  it('leaves other languages and marked blocks alone', async () => {
    expect(
      await problemsIn({ 'a.md': '```ts no-check\nnonsense here\n```\n```js\nnonsense here\n```\n' }),
    ).toEqual([]);
  });
});

describe('codeBlocks', () => {
  it('knows longer fences, indented ones, and what stands behind the fence', () => {
    const text = '````md\n```ts\ninner\n```\n````\n- x\n  ```ts no-check\n  code\n  ```\n';
    expect(codeBlocks(text)).toEqual([
      { info: 'md', code: '```ts\ninner\n```', line: 2 },
      { info: 'ts no-check', code: 'code', line: 8 },
    ]);
  });
});
