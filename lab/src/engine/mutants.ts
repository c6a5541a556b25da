import { DELIVERY_MUTANTS } from './delivery-mutants.ts';
import { KEEPING_MUTANTS } from './keeping-mutants.ts';
import type { EngineMutant } from './mutant.ts';

/** Every mutant of the engine. */
export const ENGINE_MUTANTS: readonly EngineMutant[] = [...DELIVERY_MUTANTS, ...KEEPING_MUTANTS];
