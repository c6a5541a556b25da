import { errorText, type RelayEvent } from '@outrelay/core';
import { duration, plural } from '../terminal/figures.ts';
import { printable } from '../terminal/text-width.ts';
import { scopeText } from './tally.ts';

/** Something that a person should hear of when it happens. */
export interface Notice {
  readonly level: 'info' | 'warning';
  readonly text: string;
  /** Notices of one kind are alike; a flood of them is thinned out. */
  readonly kind: string;
}

const MAX_ERROR = 300;

/** What an event is worth telling, or `null`. Never holds a payload. */
export function noticeOf(event: RelayEvent): Notice | null {
  switch (event.type) {
    case 'message-retry': {
      const { id, topic, attempt } = event.message;
      return warning(
        `retry:${topic}`,
        `${topic}: attempt ${attempt} failed, next in ${duration(event.delayMs)}: ${brief(event.error)} [${id}]`,
      );
    }
    case 'message-dead': {
      const { id, topic, attempt } = event.message;
      return warning(
        `dead:${topic}`,
        `${topic}: dead letter after ${plural(attempt, 'attempt')} (${event.reason}): ${brief(event.error)} [${id}]`,
      );
    }
    case 'breaker-opened':
      return warning(
        `opened:${scopeText(event.scope)}`,
        `${scopeText(event.scope)}: held back for ${duration(event.openMs)}: ${brief(event.error)}`,
      );
    case 'breaker-closed':
      return info(`closed:${scopeText(event.scope)}`, `${scopeText(event.scope)}: flows again`);
    case 'store-failed':
      return warning(
        `store:${event.during}`,
        `the store failed in ${event.during}: ${errorText(event.error)}`,
      );
    case 'lane-failed':
      return warning('lane', `lane ${event.lane} failed and starts anew: ${errorText(event.error)}`);
    case 'lease-lost':
      return warning(
        'lease',
        `another relay has taken the lease; ${plural(event.unsettled, 'message')} will be delivered again`,
      );
    case 'wakeups-lost':
      return warning('wakeups', `wake-ups are lost, polling goes on: ${errorText(event.error)}`);
    case 'wakeups-restored':
      return info('wakeups', 'wake-ups are back');
    case 'purged':
      return info('purged', `removed ${plural(event.removed, 'row')} of old history and receipts`);
    // The course of normal work: the totals show it.
    case 'batch-settled':
    case 'lease-granted':
    case 'lease-released':
    case 'relay-started':
    case 'relay-stopped':
    case 'relay-paused':
    case 'relay-resumed':
    default:
      return null;
  }
}

/** The beginning of an error text, which may be as long as whoever answered likes. */
function brief(error: string): string {
  return error.length <= MAX_ERROR ? error : `${error.slice(0, MAX_ERROR).toWellFormed()}…`;
}

function warning(kind: string, text: string): Notice {
  return { level: 'warning', kind, text: printable(text) };
}

function info(kind: string, text: string): Notice {
  return { level: 'info', kind, text: printable(text) };
}
