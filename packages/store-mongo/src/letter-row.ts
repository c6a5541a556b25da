import type { DeadReason } from '@outrelay/core';
import type { MongoDocument } from './client.ts';
import { pagedId } from './paged-id.ts';
import { contentOf } from './row.ts';

/** What is said of a death. */
export interface Death {
  readonly attempts: number;
  readonly redrives: number;
  readonly reason: DeadReason;
  readonly error: string;
  readonly block: boolean;
}

/** The document of a dead letter. */
export function letterRow(row: MongoDocument, death: Death, now: Date): MongoDocument {
  const { attempts, redrives, reason, error, block } = death;
  const times = { dead_at: now, resolved_at: null };
  return {
    _id: pagedId(now),
    ...contentOf(row),
    attempts,
    redrives,
    reason,
    error,
    blocking: block,
    ...times,
  };
}
