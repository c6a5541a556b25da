import {
  ERROR_CODES,
  errorText,
  type Finding,
  fault,
  good,
  isOutboxError,
  type LogStatus,
  type OutboxStore,
  warning,
} from '@outrelay/core';
import { backlogFindings, holderFindings } from './backlog-findings.ts';
import type { Section } from './report.ts';
import { schemaFindings } from './schema-findings.ts';

/** What the section of a store needs to know. */
export interface StoreExamination {
  readonly store: OutboxStore;
  readonly label: string;
  /** Whether its log is to be followed. */
  readonly push: boolean;
  /** Whether a topic has somewhere to go; `null` when no destination was given. */
  readonly hasRoute: ((topic: string) => boolean) | null;
}

/** Examines a store: by itself, its tables, and what is in them. Nothing is changed. */
export async function storeSection({ store, label, push, hasRoute }: StoreExamination): Promise<Section> {
  const of = `store ${label}`;
  const findings: Finding[] = [];
  try {
    const own = (await store.diagnosis?.examine({ push })) ?? [];
    const schema = store.schema === undefined ? null : await store.schema.status();
    findings.push(good('answers', store.name), ...own);
    if (schema !== null) findings.push(...schemaFindings(schema));
    if (schema !== null && (schema.installed === 0 || !schema.compatible)) return { of, findings };
    if (push && !own.some(({ check }) => check === 'log')) findings.push(await logFinding(store));
    if (store.inspection !== undefined) {
      const status = await store.inspection.status();
      findings.push(...holderFindings(status), ...backlogFindings(status, hasRoute));
    }
    return { of, findings };
  } catch (error) {
    if (!isOutboxError(error)) throw error;
    const failed = fault(findings.length === 0 ? 'answers' : 'examination', {
      seen: errorText(error),
      expected: 'a store that answers',
      remedy: ERROR_CODES[error.code].remedy,
    });
    return { of, findings: [...findings, failed], unreachable: error.retryable };
  }
}

/** What a log says of itself, where the store's own diagnosis does not speak of it. */
async function logFinding({ name, log }: OutboxStore): Promise<Finding> {
  const expected = 'a log that a relay follows';
  if (log === undefined) {
    return fault('log', {
      seen: `the store "${name}" has no log to follow`,
      expected,
      remedy: 'Leave --push out: the relay polls.',
    });
  }
  const { state, warnings } = await log.status();
  if (state === 'missing' || state === 'lost') return fault('log', { ...complaintOf(state), expected });
  if (warnings.length === 0) return good('log', state);
  return warning('log', { seen: warnings.join(' '), expected, remedy: 'See: outrelay log status' });
}

function complaintOf(state: Extract<LogStatus['state'], 'missing' | 'lost'>): {
  seen: string;
  remedy: string;
} {
  return state === 'missing'
    ? { seen: 'it is not created', remedy: 'outrelay log create' }
    : { seen: 'the database has given it up', remedy: 'outrelay log drop && outrelay log create' };
}
