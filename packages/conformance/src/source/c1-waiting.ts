import { holds, sameIds } from '../bench/assertions.ts';
import { idsOf, type SourceBench } from '../bench/source-bench.ts';
import type { SourceClause } from './source-clause.ts';

const HOUR_MS = 3_600_000;
const NEVER = new AbortController().signal;

/** Fails when the call has not resolved in time; answers with what it resolved with. */
async function soon<T>(bench: SourceBench, what: string, call: Promise<T>): Promise<T> {
  let ended = false;
  const watched = call.finally(() => {
    ended = true;
  });
  watched.catch(() => {});
  await bench.eventually(what, () => ended);
  return watched;
}

export const C1_5: SourceClause = {
  id: 'C1.5',
  title:
    '`receive` resolves with the first message that comes, and with none when none came within `waitMs`.',
  cases: [{ name: 'a message' }, { name: 'nothing' }],
  async run(bench, name) {
    await bench.look();
    if (name === 'nothing') {
      const waiting = bench.source.receive({ limit: 10, waitMs: 50 }, NEVER);
      sameIds(idsOf(await soon(bench, 'receive to end without a message', waiting)), [], 'deliveries');
      return;
    }
    const waiting = bench.source.receive({ limit: 10, waitMs: HOUR_MS }, NEVER);
    const messages = await bench.publish(1);
    const found = await soon(bench, 'receive to end with the message', waiting);
    sameIds(idsOf(found), messages, 'deliveries of a call that waited');
  },
};

export const C1_6: SourceClause = {
  id: 'C1.6',
  title: 'An aborted `receive` resolves soon, and no message is lost by it.',
  cases: [{ name: 'while it waits' }, { name: 'while messages come' }, { name: 'before the call' }],
  async run(bench, name) {
    const found = [];
    const abort = new AbortController();
    if (name === 'while it waits') await bench.look();
    const messages = name === 'while it waits' ? [] : [...(await bench.publish(6))];
    if (name === 'before the call') abort.abort();
    const receiving = bench.source.receive({ limit: 4, waitMs: HOUR_MS }, abort.signal);
    abort.abort();
    found.push(...(await soon(bench, 'the aborted call to resolve', receiving)));
    holds(
      name !== 'before the call' || found.length === 0,
      'a call that was aborted before it began yielded',
    );
    if (name === 'while it waits') messages.push(...(await bench.publish(2)));
    if (found.length < messages.length) found.push(...(await bench.take(messages.length - found.length)));
    sameIds(idsOf(found), messages, 'deliveries of an aborted call and those after it');
  },
};
