import type { ClaimedMessage, Settlements } from '@outrelay/core';
import * as fc from 'fast-check';
import { broken, type ModelLease, type ModelMessage, type StoreModel } from './model.ts';
import { pick, realOf } from './relaying.ts';
import type { Setting } from './setting.ts';
import { type Step, step, type Terms, WAIT_MS } from './step.ts';

const OUTCOMES = ['accepted', 'retry', 'later', 'dead', 'blocking', 'returned', 'unsettled'] as const;
type Outcome = (typeof OUTCOMES)[number];

const ERROR = 'as the course of events has it';

/** Steps that record outcomes: of all that was read or a part, late, and twice. */
export function settlingSteps(terms: Terms): fc.Arbitrary<Step>[] {
  const free = (model: StoreModel): boolean => model.canRelay(terms.concurrentWriters);
  const withWork = (model: StoreModel): ModelLease[] =>
    model.leases.filter((lease) => lease.state !== 'released' && model.readOf(lease).length > 0);
  const outcomes = fc.array(
    fc.oneof({ weight: 3, arbitrary: fc.constant('accepted' as const) }, fc.constantFrom(...OUTCOMES)),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  return [
    fc.record({ which: fc.nat({ max: 7 }), outcomes }).map((drawn) =>
      step(
        `settle lease ${drawn.which}: ${drawn.outcomes.join(' ')}`,
        (model) => free(model) && withWork(model).length > 0,
        (model, real) => settle(model, real, pick(withWork(model), drawn.which), drawn.outcomes),
      ),
    ),
    fc.nat({ max: 7 }).map((which) =>
      step(
        `settle lease ${which} again`,
        (model) => free(model) && model.leases.length > 0,
        (_, real) => settleAgain(real, pick([...real.leases.keys()], which)),
      ),
    ),
  ];
}

async function settle(
  model: StoreModel,
  real: Setting,
  lease: ModelLease,
  outcomes: readonly Outcome[],
): Promise<void> {
  const held = realOf(real, lease);
  const chosen = [...held.messages.values()].map(
    (message, at) => [message, outcomes[at % outcomes.length]] as const,
  );
  const of = (...kinds: Outcome[]): ClaimedMessage[] =>
    chosen
      .filter(([, outcome]) => outcome !== undefined && kinds.includes(outcome))
      .map(([message]) => message);
  const dead = chosen
    .filter(([, outcome]) => outcome === 'dead' || outcome === 'blocking')
    .map(([message, outcome]) => {
      const block = outcome === 'blocking' && message.key !== null;
      return { message, reason: 'rejected', error: ERROR, block } as const;
    });
  const settlements: Settlements = {
    accepted: of('accepted'),
    retry: [
      ...of('retry').map((message) => ({ message, delayMs: 0, error: ERROR })),
      ...of('later').map((message) => ({ message, delayMs: WAIT_MS, error: ERROR })),
    ],
    dead,
    returned: of('returned'),
  };
  const sent = chosen.filter(([, outcome]) => outcome !== 'unsettled');
  const report = await held.store.settle(held.lease, settlements);
  const refused = new Set([...report.lost, ...report.alreadySettled, ...report.unknown]);
  if (report.settled + refused.size !== sent.length)
    throw broken(`${sent.length} outcomes were sent, the report is about ${report.settled + refused.size}`);
  if (!lease.contested && !lease.shifted && refused.size > 0)
    throw broken(`${[...refused].join(' ')} were refused under a lease that nobody took`);
  for (const [message, outcome] of sent) {
    held.messages.delete(message.id);
    const known = model.messages.find(({ id }) => id === message.id);
    const taken = known === undefined || known.readBy !== lease;
    if (refused.has(message.id)) {
      if (!taken) known.disappearances++;
      if (!taken) known.readBy = null;
      continue;
    }
    if (taken) throw broken(`${message.id} was settled by a lease that had lost it`);
    record(model, known, message, outcome as Outcome);
  }
  held.settled = without(settlements, (id) => refused.has(id));
}

function record(model: StoreModel, known: ModelMessage, { attempt }: ClaimedMessage, outcome: Outcome): void {
  known.readBy = null;
  if (outcome === 'accepted') {
    model.accepted.add(known.id);
    model.remove(known);
  } else if (outcome === 'retry' || outcome === 'later') {
    Object.assign(known, { attempts: attempt, disappearances: 0, phase: 'retry' });
    known.dueAtMs = outcome === 'later' ? model.nowMs + WAIT_MS : 0;
  } else if (outcome === 'dead' || outcome === 'blocking') {
    model.letters.push({ message: known, reason: 'rejected' });
    if (outcome === 'blocking' && known.key !== null) known.phase = 'blocked';
    else model.remove(known);
  }
}

/** What was settled is settled: the same again changes nothing, also when others have it by now. */
async function settleAgain(real: Setting, token: string): Promise<void> {
  const held = real.leases.get(token);
  if (held === undefined || held.settled === null) return;
  // To return what was returned changes nothing, and a store that writes nothing at a read cannot tell. What came back
  // and was read again under the same lease would be settled anew, by right.
  const again = { ...without(held.settled, (id) => held.messages.has(id)), returned: [] };
  const report = await held.store.settle(held.lease, again);
  if (report.settled > 0) throw broken(`${report.settled} messages were settled a second time`);
}

function without(settlements: Settlements, left: (id: string) => boolean): Settlements {
  const kept = ({ id }: ClaimedMessage): boolean => !left(id);
  return {
    accepted: settlements.accepted.filter(kept),
    retry: settlements.retry.filter(({ message }) => kept(message)),
    dead: settlements.dead.filter(({ message }) => kept(message)),
    returned: settlements.returned.filter(kept),
  };
}
