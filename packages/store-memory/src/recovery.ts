import {
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterPage,
  type RecoveryFacet,
  uuidv7,
} from '@outrelay/core';
import type { Letter, MemoryState } from './state.ts';

/** Reads and resolves dead letters. */
export function recoveryFacet(state: MemoryState): RecoveryFacet {
  return {
    async list(request = {}) {
      const limit = request.limit ?? 100;
      // By number, not by place: letters that are resolved between two pages move the places of those behind them.
      const after = request.after === undefined ? 0 : Number(request.after);
      const found: Letter[] = [];
      for (const letter of state.letters) {
        if (letter.number <= after || !matches(letter, request)) continue;
        if (letter.resolvedAtMs !== null && request.resolved !== true) continue;
        if (found.length === limit) return page(found, String(found.at(-1)?.number));
        found.push(letter);
      }
      return page(found, null);
    },

    async redrive(filter, limit) {
      const chosen = unresolved(state, filter, limit);
      for (const letter of chosen) {
        const { entry } = letter;
        take(state, letter);
        state.remove(entry);
        state.insert({
          ...entry,
          phase: 'retry',
          attempts: 0,
          redrives: entry.redrives + 1,
          availableAtMs: state.now(),
          yieldedTo: null,
        });
      }
      if (chosen.length > 0) state.wake();
      return chosen.length;
    },

    async redriveEdited(id, edit) {
      const [letter] = unresolved(state, { ids: [id] }, 1);
      if (letter === undefined) return null;
      const { entry } = letter;
      const content = {
        ...entry.content,
        ...Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined)),
        id: uuidv7(),
      };
      const position = state.nextPosition();
      const now = state.now();
      state.insert({
        ...entry,
        position,
        content,
        orderKey: content.key === null ? `#${position}` : `${content.topic}\0${content.key}`,
        createdAtMs: now,
        availableAtMs: now,
        attempts: 0,
        redrives: 0,
        lastError: null,
        phase: 'fresh',
        yieldedTo: null,
      });
      letter.resolvedAtMs = now;
      if (letter.blocking) state.remove(entry);
      state.wake();
      return content.id;
    },

    async discard(filter, limit) {
      const chosen = unresolved(state, filter, limit);
      for (const letter of chosen) {
        take(state, letter);
        if (letter.blocking) state.remove(letter.entry);
      }
      if (chosen.length > 0) state.wake();
      return chosen.length;
    },
  };
}

function page(letters: readonly Letter[], next: string | null): DeadLetterPage {
  return { letters: letters.map(describeLetter), next };
}

function unresolved(state: MemoryState, filter: DeadLetterFilter, limit: number): Letter[] {
  return state.letters
    .filter((letter) => letter.resolvedAtMs === null && matches(letter, filter))
    .slice(0, limit);
}

function take(state: MemoryState, letter: Letter): void {
  state.letters.splice(state.letters.indexOf(letter), 1);
}

function matches({ entry, reason, deadAtMs }: Letter, filter: DeadLetterFilter): boolean {
  const { id, topic, key } = entry.content;
  return (
    (filter.ids?.includes(id) ?? true) &&
    (filter.topic ?? topic) === topic &&
    (filter.key ?? key) === key &&
    (filter.reason ?? reason) === reason &&
    deadAtMs >= (filter.since?.getTime() ?? deadAtMs) &&
    (filter.until === undefined || deadAtMs < filter.until.getTime())
  );
}

function describeLetter({ entry, reason, error, deadAtMs, blocking, resolvedAtMs }: Letter): DeadLetter {
  return {
    ...entry.content,
    createdAt: new Date(entry.createdAtMs),
    deadAt: new Date(deadAtMs),
    reason,
    error,
    attempts: entry.attempts,
    redrives: entry.redrives,
    blocking: blocking && resolvedAtMs === null,
    resolvedAt: resolvedAtMs === null ? null : new Date(resolvedAtMs),
  };
}
