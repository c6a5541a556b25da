import type { SqliteValue } from './client.ts';

/** One statement in the caller's transaction. */
export interface Step {
  readonly sql: string;
  readonly parameters: readonly SqliteValue[];
  /** What the step answers with: the number of changed rows, or the number in the first column of the first row. */
  readonly answer: 'changes' | 'number';
}

/**
 * What to do in the caller's transaction, as a sequence of steps: written once, carried out at once on a driver's
 * handle and with `await` on knex.
 */
export type Steps<T> = Generator<Step, T, number>;

/** A step that changes rows. */
export function change(sql: string, parameters: readonly SqliteValue[] = []): Step {
  return { sql, parameters, answer: 'changes' };
}

/** A step that asks for a number. */
export function ask(sql: string, parameters: readonly SqliteValue[]): Step {
  return { sql, parameters, answer: 'number' };
}

/** Carries out steps at once. An error of a step is thrown inside the sequence, which may undo what it did. */
export function runSteps<T>(steps: Steps<T>, execute: (step: Step) => number): T {
  let next = steps.next();
  while (next.done !== true) {
    let answer: number;
    try {
      answer = execute(next.value);
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(answer);
  }
  return next.value;
}

/** Carries out steps one after the other. */
export async function awaitSteps<T>(steps: Steps<T>, execute: (step: Step) => Promise<number>): Promise<T> {
  let next = steps.next();
  while (next.done !== true) {
    let answer: number;
    try {
      answer = await execute(next.value);
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(answer);
  }
  return next.value;
}
