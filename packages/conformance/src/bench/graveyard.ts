import type { DeadLetter, DeadLetterRequest, NewMessage, RecoveryFacet } from '@outrelay/core';
import { holds, sameIds } from './assertions.ts';
import type { DeathTerms } from './held-lease.ts';
import type { StoreBench } from './store-bench.ts';

/** The recovery facet of a store whose clauses are chosen by it. */
export function recoveryOf(bench: StoreBench): RecoveryFacet {
  const { recovery } = bench.store;
  holds(recovery !== undefined, 'the store has lost its recovery facet');
  return recovery;
}

/** Lets messages die one after the other, in their order. */
export async function bury(
  bench: StoreBench,
  messages: readonly NewMessage[],
  terms: DeathTerms = {},
): Promise<void> {
  for (const message of messages) {
    const { held, messages: yielded } = await bench.holdAndRead();
    const dying = yielded.filter(({ id }) => id === message.id);
    sameIds(dying, [message], 'message that is to die');
    await held.bury(dying, terms);
    await held.giveBack(yielded.filter(({ id }) => id !== message.id));
    await held.release();
  }
}

/** Appends messages and lets them die. */
export async function appendAndBury(
  bench: StoreBench,
  messages: readonly NewMessage[],
  terms: DeathTerms = {},
): Promise<readonly NewMessage[]> {
  await bench.append(...messages);
  await bury(bench, messages, terms);
  return messages;
}

/** All dead letters, page by page; `between` runs after each page. */
export async function listAll(
  bench: StoreBench,
  request: DeadLetterRequest,
  between: () => Promise<unknown> = async () => {},
): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  let after: string | undefined;
  for (let page = 0; page < 200; page++) {
    const { letters: some, next } = await recoveryOf(bench).list({ ...request, after });
    letters.push(...some);
    if (next === null) return letters;
    after = next;
    await between();
  }
  holds(false, 'the pages of dead letters do not end');
  return letters;
}
