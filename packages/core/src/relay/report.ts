import { OutboxError } from '../errors.ts';
import type { RelayListener } from '../events.ts';
import type { SettleReport } from '../store.ts';
import type { Decision } from './decide.ts';

/** Reports what was recorded of a batch: one terminal event per message and lease, none for what was refused. */
export function reportBatch(
  emit: RelayListener,
  lane: number,
  decision: Decision,
  report: SettleReport,
  times: { readonly publishMs: number; readonly settleMs: number },
): void {
  const { accepted, retry, dead, returned } = decision.settlements;
  const refused = new Set([...report.lost, ...report.unknown]);
  const recorded = <T>(items: readonly T[], idOf: (item: T) => string): readonly T[] =>
    refused.size === 0 ? items : items.filter((item) => !refused.has(idOf(item)));
  const retried = recorded(retry, (item) => item.message.id);
  const buried = recorded(dead, (item) => item.message.id);
  for (const { message, error, delayMs } of retried) emit({ type: 'message-retry', message, error, delayMs });
  for (const { message, reason, error } of buried) emit({ type: 'message-dead', message, reason, error });
  emit({
    type: 'batch-settled',
    lane,
    accepted: recorded(accepted, (message) => message.id),
    duplicates: decision.duplicates,
    retried: retried.length,
    dead: buried.length,
    returned: returned.length,
    ...times,
  });
  if (report.unknown.length > 0)
    emit({ type: 'store-failed', during: 'settle', error: disowned(report.unknown), delayMs: 0 });
}

/** The store yielded these messages under the lease and now denies it: they may have been published, unrecorded. */
function disowned(ids: readonly string[]): OutboxError {
  const shown = ids
    .slice(0, 10)
    .map((id) => JSON.stringify(id))
    .join(', ');
  return new OutboxError(
    'ADAPTER_CONTRACT',
    `The store reports ${ids.length} messages as unknown that it had yielded under this lease (S4.8): ${shown}.`,
  );
}
