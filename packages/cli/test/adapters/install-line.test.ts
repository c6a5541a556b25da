import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installLine } from '../../src/adapters/install-line.ts';
import { temporaryFolder } from '../support/folder.ts';

describe('installLine', () => {
  it.each([
    ['pnpm-lock.yaml', 'pnpm add @outrelay/store-sqlite better-sqlite3'],
    ['yarn.lock', 'yarn add @outrelay/store-sqlite better-sqlite3'],
    ['bun.lock', 'bun add @outrelay/store-sqlite better-sqlite3'],
    ['bun.lockb', 'bun add @outrelay/store-sqlite better-sqlite3'],
    ['package-lock.json', 'npm install @outrelay/store-sqlite better-sqlite3'],
  ])('follows %s, also from a folder below', (file, line) => {
    const folder = temporaryFolder();
    const below = join(folder, 'packages', 'shop');
    mkdirSync(below, { recursive: true });
    writeFileSync(join(folder, file), '');
    expect(installLine(['@outrelay/store-sqlite', 'better-sqlite3'], folder)).toBe(line);
    expect(installLine(['@outrelay/store-sqlite', 'better-sqlite3'], below)).toBe(line);
  });

  it('names npm where nothing tells', () => {
    expect(installLine(['pg'], temporaryFolder())).toBe('npm install pg');
  });
});
