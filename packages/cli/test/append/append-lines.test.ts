import { memoryStore } from '@outrelay/store-memory';
import { describe, expect, it } from 'vitest';
import { type AppendProgress, appendLines } from '../../src/append/append-lines.ts';
import { Appender } from '../../src/append/appender.ts';

async function* input(...lines: readonly string[]): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(lines.join('\n'));
}

function fresh(): AppendProgress {
  return { messages: 0, duplicates: 0, transactions: 0, line: 0 };
}

describe('appendLines', () => {
  it('writes a transaction per batch, and the rest in the last one', async () => {
    const store = memoryStore();
    const progress = fresh();
    const lines = Array.from({ length: 5 }, (_, at) => JSON.stringify({ topic: 'a', id: `m${at}` }));
    await appendLines(input(...lines), new Appender(store), { batch: 2, write: true }, progress);
    expect(progress).toEqual({ messages: 5, duplicates: 0, transactions: 3, line: 5 });
    const status = await store.inspection?.status();
    expect(status?.topics).toMatchObject([{ topic: 'a', pending: { value: 5 } }]);
  });

  it('writes nothing of the batch with the wrong line, and says how far it came', async () => {
    const store = memoryStore();
    const progress = fresh();
    const lines = ['{"topic":"a"}', '{"topic":"a"}', '', '{"topic":"b"}', '{"topic":""}'];
    await expect(
      appendLines(input(...lines), new Appender(store), { batch: 2, write: true }, progress),
    ).rejects.toThrow('Line 5: the topic is empty.');
    expect(progress).toMatchObject({ messages: 2, transactions: 1, line: 2 });
    expect((await store.inspection?.status())?.topics).toMatchObject([{ topic: 'a', pending: { value: 2 } }]);
  });

  it('only checks when told not to write', async () => {
    const store = memoryStore();
    const progress = fresh();
    await appendLines(input('{"topic":"a"}'), new Appender(store), { batch: 2, write: false }, progress);
    expect(progress).toMatchObject({ messages: 1, transactions: 0 });
    expect((await store.inspection?.status())?.topics).toEqual([]);
  });

  it('counts what was pending already', async () => {
    const progress = fresh();
    const appender = new Appender(memoryStore());
    const line = '{"topic":"a","id":"same"}';
    await appendLines(input(line), appender, { batch: 2, write: true }, progress);
    await appendLines(input(line, '{"topic":"a"}'), appender, { batch: 2, write: true }, progress);
    expect(progress).toMatchObject({ messages: 3, duplicates: 1, transactions: 2 });
  });
});
