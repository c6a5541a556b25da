import {
  ALL_TOPICS,
  type DiagnosisFacet,
  type ExamineRequest,
  type Finding,
  OutboxError,
  type SchemaFacet,
} from '@outrelay/core';
import type { FullLab } from '../lab/full-lab.ts';
import type { FullStore } from '../lab/full-store.ts';
import { full, type StoreMutant } from './store-mutant.ts';

/** Changes what is done around an examination. */
function examining(
  change: (
    examine: DiagnosisFacet['examine'],
    store: FullStore,
    request: ExamineRequest | undefined,
  ) => Promise<readonly Finding[]>,
): (lab: FullLab) => (store: FullStore) => FullStore {
  return () => (store) => {
    const honest = store.diagnosis as DiagnosisFacet;
    const examine: DiagnosisFacet['examine'] = (request) => honest.examine(request);
    return { ...store, diagnosis: { examine: (request) => change(examine, store, request) } };
  };
}

export const DIAGNOSIS_MUTANTS: readonly StoreMutant[] = [
  full(
    'examination-holds-a-lease',
    'An examination tries a claim, and forgets to give the lease back.',
    examining(async (examine, store, request) => {
      await store
        .claim({ token: '0'.repeat(32), relay: 'doctor', leaseMs: 60_000, topics: ALL_TOPICS })
        .catch(() => null);
      return examine(request);
    }),
  ),

  full(
    'complaint-without-remedy',
    'A finding says that something is wrong and not what to do.',
    examining(async (examine, _store, request) =>
      (await examine(request)).map((finding) =>
        finding.verdict === 'good' ? finding : { ...finding, remedy: '' },
      ),
    ),
  ),

  full(
    'examination-needs-the-tables',
    'An examination asks for the version of the schema first.',
    examining(async (examine, store, request) => {
      if ((await (store.schema as SchemaFacet).status()).installed > 0) return examine(request);
      throw new OutboxError('STORE_SCHEMA_MISSING', 'Run `outrelay migrate apply`.');
    }),
  ),
];
