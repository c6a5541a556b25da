import { hostname } from 'node:os';
import { type Finding, fault, good, type LeaseHolder, type OutboxStatus, warning } from '@outrelay/core';
import { backlogText, sum } from '../run/backlog.ts';
import { boundedCount, duration } from '../terminal/figures.ts';

/** A lag that no idle poll explains, in milliseconds. */
const LONG_LAG_MS = 60_000;

/** Who holds leases, and whether they are still there. */
export function holderFindings({ holders }: OutboxStatus): readonly Finding[] {
  if (holders.length === 0) return [good('relays', 'none holds a lease now')];
  const gone = holders.filter(isGone);
  const [longest] = gone.toSorted((a, b) => b.expiresInMs - a.expiresInMs);
  if (longest === undefined) return [good('relays', holders.map(({ relay }) => relay).join(', '))];
  return [
    warning('relays', {
      seen: `the process of ${gone.map(({ relay }) => relay).join(', ')} is gone, and its lease lasts another ${duration(longest.expiresInMs)}`,
      expected: 'relays that are stopped by SIGTERM, which gives leases back at once',
      remedy: `Nothing: in ${duration(longest.expiresInMs)} others go on. A shorter leaseMs (outrelay run --lease-ms) shortens that.`,
    }),
  ];
}

/** A relay without a name of its own is called after its host and process; of this host it is known what runs. */
function isGone({ relay }: LeaseHolder): boolean {
  const [, host, pid] = /^(.+):(\d+)$/.exec(relay) ?? [];
  if (host !== hostname() || pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** What waits that should not, what was given up, and what has nowhere to go. */
export function backlogFindings(
  status: OutboxStatus,
  hasRoute: ((topic: string) => boolean) | null,
): readonly Finding[] {
  return [lag(status), deadLetters(status), ...(hasRoute === null ? [] : [routes(status, hasRoute)])];
}

function lag(status: OutboxStatus): Finding {
  const late = status.topics.filter(({ lagMs }) => (lagMs ?? 0) > LONG_LAG_MS);
  if (late.length === 0) return good('backlog', backlogText(status).join(', '));
  const isIdle = status.holders.length === 0;
  return warning('backlog', {
    seen: late.map(({ topic, lagMs }) => `${topic} is ${duration(lagMs ?? 0)} late`).join(', '),
    expected: isIdle
      ? 'a relay that works; none holds a lease'
      : 'relays that keep up, and destinations that take what they get',
    remedy: isIdle ? 'outrelay run --to …' : 'See what they report: breaker-opened, retries, store-failed.',
  });
}

function deadLetters({ topics }: OutboxStatus): Finding {
  const dead = sum(topics, 'dead');
  if (dead.value === 0) return good('dead-letters', 'none');
  return warning('dead-letters', {
    seen: `${boundedCount(dead)} in ${topics
      .filter((topic) => topic.dead.value > 0)
      .map(({ topic }) => topic)
      .join(', ')}`,
    expected: 'none that nobody has decided about',
    remedy: 'outrelay dead list, then: outrelay dead redrive ID or outrelay dead discard ID',
  });
}

function routes({ topics }: OutboxStatus, hasRoute: (topic: string) => boolean): Finding {
  const lost = topics.map(({ topic }) => topic).filter((topic) => !hasRoute(topic));
  if (lost.length === 0) return good('routes', 'every topic in the outbox has one');
  return fault('routes', {
    seen: `${lost.join(', ')} ${lost.length === 1 ? 'has' : 'have'} no route`,
    expected: 'a route for every topic: what has none stays in the outbox, without an error',
    remedy: `Give each a route, for example: --route '${lost[0]}=https://example.com/hook'`,
  });
}
