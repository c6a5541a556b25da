import { conditionText } from './clause.ts';
import {
  SOURCE_CLAUSES as SOURCE,
  STORE_CLAUSES as STORE,
  TRANSPORT_CLAUSES as TRANSPORT,
} from './clauses.ts';

/** A numbered sentence of the specification that the suite proves. */
export interface SpecifiedClause {
  /** Number in the specification, for example `S3.5`. */
  readonly id: string;
  /** The sentence, word for word. */
  readonly title: string;
  /** What makes it bind, as the specification words it; empty when it binds every adapter. */
  readonly condition: string;
}

/** Every clause of `spec/store.md`, in its order. */
export const STORE_CLAUSES: readonly SpecifiedClause[] = STORE.map(specified);

/** Every clause of `spec/transport.md`, in its order. */
export const TRANSPORT_CLAUSES: readonly SpecifiedClause[] = TRANSPORT.map(specified);

/** Every clause of `spec/source.md`, in its order. */
export const SOURCE_CLAUSES: readonly SpecifiedClause[] = SOURCE.map(specified);

function specified(
  clause: (typeof STORE)[number] | (typeof TRANSPORT)[number] | (typeof SOURCE)[number],
): SpecifiedClause {
  const { id, title } = clause;
  return { id, title, condition: conditionText(clause) };
}
