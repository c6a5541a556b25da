import { type ClaimedMessage, errorText, isOutboxError, type RelayEvent } from '@outrelay/core';

/** An event as members of a JSON object: identifiers, counts and times, never a payload or a header. */
export function eventJson(event: RelayEvent): Record<string, unknown> {
  switch (event.type) {
    case 'batch-settled': {
      const { type, accepted, publishMs, settleMs, ...counts } = event;
      const times = { publishMs: tenths(publishMs), settleMs: tenths(settleMs) };
      return { event: type, accepted: accepted.length, ...counts, ...times };
    }
    case 'message-retry':
    case 'message-dead': {
      const { type, message, ...rest } = event;
      return { event: type, message: identity(message), ...rest };
    }
    case 'store-failed':
    case 'lane-failed':
    case 'wakeups-lost': {
      const { type, error, ...rest } = event;
      return {
        event: type,
        ...rest,
        error: errorText(error),
        code: isOutboxError(error) ? error.code : null,
      };
    }
    case 'breaker-opened':
    case 'breaker-closed':
    case 'lease-granted':
    case 'lease-released':
    case 'lease-lost':
    case 'relay-started':
    case 'relay-stopped':
    case 'relay-paused':
    case 'relay-resumed':
    case 'wakeups-restored':
    case 'purged': {
      const { type, ...rest } = event;
      return { event: type, ...rest };
    }
    // An event of a later core may carry messages, so only its name is passed on.
    default:
      return { event: (event as RelayEvent).type };
  }
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function identity({ id, topic, key, attempt, createdAt }: ClaimedMessage): Record<string, unknown> {
  return { id, topic, key, attempt, createdAt };
}
