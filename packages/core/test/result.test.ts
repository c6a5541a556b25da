import { describe, expect, it } from 'vitest';
import { chain, isThenable } from '../src/result.ts';
import { thenable } from './support/thenable.ts';

describe('chain', () => {
  it('goes on at once with a plain value', () => {
    expect(chain<'sync', number, number>(5, (value) => value + 1)).toBe(6);
  });

  it('goes on when a promise resolves', async () => {
    await expect(chain<'async', number, number>(Promise.resolve(5), (value) => value + 1)).resolves.toBe(6);
  });

  it('passes an error on', async () => {
    await expect(chain<'async', number, number>(Promise.reject(new Error('x')), () => 1)).rejects.toThrow(
      'x',
    );
  });

  it('takes whatever can be awaited for a promise', async () => {
    const chained = chain<'async', number, number>(thenable(5) as Promise<number>, (value) => value + 1);
    expect(chained).toBeInstanceOf(Promise);
    await expect(chained).resolves.toBe(6);
  });
});

describe('isThenable', () => {
  it.each([
    [Promise.resolve(), true],
    [thenable(5), true],
    [null, false],
    [undefined, false],
    // oxlint-disable-next-line unicorn/no-thenable -- a member of that name is not enough
    [{ then: 5 }, false],
    [() => {}, false],
    ['then', false],
  ])('tells what can be awaited (case %#)', (value, expected) => {
    expect(isThenable(value)).toBe(expected);
  });
});
