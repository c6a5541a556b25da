import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mirror } from '../../bootstrap/node24/copy.mjs';
import { scratch } from '../scratch.mjs';

describe('mirror', () => {
  it('copies files and build output, and leaves what belongs to one Node', async () => {
    const source = scratch({
      'a/src/x.ts': '1',
      'a/dist/x.js': '2',
      'node_modules/y/z.js': '3',
      '.git/HEAD': '4',
    });
    const target = scratch({
      'node_modules/own.js': 'own',
      'stale/old.ts': 'old',
      a: 'a file that becomes a folder',
    });
    await mirror(source, target);
    expect(readFileSync(join(target, 'a/src/x.ts'), 'utf8')).toBe('1');
    expect(readFileSync(join(target, 'a/dist/x.js'), 'utf8')).toBe('2');
    expect(readFileSync(join(target, 'node_modules/own.js'), 'utf8')).toBe('own');
    expect(['node_modules/y', '.git', 'stale'].filter((name) => existsSync(join(target, name)))).toEqual([]);
  });

  it('brings changes over, removes what is gone, and does not touch the rest', async () => {
    const source = scratch({ 'same.ts': 'same', 'changed.ts': 'old', 'gone.ts': 'gone' });
    const target = scratch();
    // Between two milliseconds, nearer to the second.
    utimesSync(join(source, 'same.ts'), 1_700_000_000.0007, 1_700_000_000.0007);
    await mirror(source, target);
    const before = statSync(join(target, 'same.ts')).ctimeMs;
    writeFileSync(join(source, 'changed.ts'), 'new text');
    rmSync(join(source, 'gone.ts'));
    await mirror(source, target);
    expect(readFileSync(join(target, 'changed.ts'), 'utf8')).toBe('new text');
    expect(existsSync(join(target, 'gone.ts'))).toBe(false);
    expect(statSync(join(target, 'same.ts')).ctimeMs).toBe(before);
  });
});
