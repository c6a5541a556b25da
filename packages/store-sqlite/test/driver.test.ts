import { describe, expect, it } from 'vitest';
import { refusalOf } from '../src/driver.ts';

describe('a copy of better-sqlite3', () => {
  it.each([
    ['12.11.1', '20.19.0'],
    ['12.11.1', '24.21.0'],
    ['13.2.0', '22.0.0'],
    ['13.2.0', '24.21.0'],
  ])('of version %s is loaded by Node.js %s', (version, node) => {
    expect(refusalOf(version, node)).toBeNull();
  });

  it('that would end a Node.js 20 is refused, with the version that fits', () => {
    expect(refusalOf('13.2.0', '20.19.0')).toMatch(/13\.2\.0 needs Node\.js 22.*better-sqlite3@12/);
  });
});
