import { describe, expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import { closeOnce, contractBroken, guardFacet, storeFailure } from '../../src/guard/lifecycle.ts';

const open = (): void => {};
const run = <T>(_verb: string, call: () => Promise<T>): Promise<T> => call();

class Facet {
  readonly #secret = 'kept';
  static readonly shared = 1;
  readonly note = 'no verb';
  async look(suffix: string): Promise<string> {
    return this.#secret + suffix;
  }
}

describe('guardFacet', () => {
  it('is absent where the facet is', () => {
    expect(guardFacet(undefined, open, run)).toBeUndefined();
  });

  it('keeps the verbs of an instance of a class, inherited ones included, with their own `this`', async () => {
    class Derived extends Facet {
      async more(): Promise<number> {
        return 2;
      }
    }
    const guard = guardFacet(new Derived(), open, run);
    await expect(guard?.look('!')).resolves.toBe('kept!');
    await expect(guard?.more()).resolves.toBe(2);
    expect(Object.keys(guard ?? {}).toSorted()).toEqual(['look', 'more']);
  });

  it('takes a facet without a prototype', async () => {
    const bare = Object.assign(Object.create(null), { look: async () => 'seen' }) as Facet;
    await expect(guardFacet(bare, open, run)?.look('')).resolves.toBe('seen');
  });

  it('passes through what a facet without `run` throws at once', () => {
    const failure = new Error('of the caller');
    const facet = {
      record(): never {
        throw failure;
      },
    };
    expect(() => guardFacet(facet, open, null)?.record()).toThrow(failure);
  });
});

describe('storeFailure', () => {
  it('leaves classified errors and misuse alone', () => {
    const classified = new OutboxError('STORE_CONFLICT', 'deadlock');
    const misuse = new TypeError('expected');
    expect(storeFailure('s', 'claim', classified)).toBe(classified);
    expect(storeFailure('s', 'claim', misuse)).toBe(misuse);
  });

  it('classifies the rest as STORE_FAILED with the verb and the cause', () => {
    const cause = new Error('disk full');
    expect(storeFailure('s', 'claim', cause)).toMatchObject({
      code: 'STORE_FAILED',
      message: 'The store "s" failed in claim: disk full',
      cause,
    });
  });
});

describe('contractBroken', () => {
  it('names the adapter and the clause', () => {
    expect(contractBroken('s', 'no token (S3.1)')).toMatchObject({
      code: 'ADAPTER_CONTRACT',
      message: 'The adapter "s" broke its contract: no token (S3.1).',
    });
  });
});

describe('closeOnce', () => {
  it('closes once, and answers every call with the same end', async () => {
    const life = { closing: null };
    let closed = 0;
    const close = async (): Promise<void> => {
      closed++;
    };
    expect(closeOnce(life, close)).toBe(closeOnce(life, close));
    await closeOnce(life, close);
    expect(closed).toBe(1);
  });

  it('rejects, also the second time, when closing throws at once', async () => {
    const life = { closing: null };
    const close = (): never => {
      throw new Error('busy');
    };
    await expect(closeOnce(life, close)).rejects.toThrow('busy');
    await expect(closeOnce(life, async () => {})).rejects.toThrow('busy');
  });
});
