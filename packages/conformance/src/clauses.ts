import { compareIds } from './clause.ts';
import { SOURCE_FILES } from './source/files.ts';
import type { SourceClause } from './source/source-clause.ts';
import { STORE_FILES } from './store/files.ts';
import type { StoreClause } from './store/store-clause.ts';
import { TRANSPORT_FILES } from './transport/files.ts';
import type { TransportClause } from './transport/transport-clause.ts';

/** Every clause of `spec/store.md`, in its order. */
export const STORE_CLAUSES: readonly StoreClause[] = inOrder(STORE_FILES);

/** Every clause of `spec/transport.md`, in its order. */
export const TRANSPORT_CLAUSES: readonly TransportClause[] = inOrder(TRANSPORT_FILES);

/** Every clause of `spec/source.md`, in its order. */
export const SOURCE_CLAUSES: readonly SourceClause[] = inOrder(SOURCE_FILES);

/** Whatever a file of clauses exports is a clause; the parity test holds the list to the specification. */
function inOrder<C extends { readonly id: string }>(
  files: readonly Readonly<Record<string, C>>[],
): readonly C[] {
  return files.flatMap((file) => Object.values(file)).toSorted((a, b) => compareIds(a.id, b.id));
}
