import type { EngineMutant } from './mutant.ts';

/** Bugs in leases, breakers and the life of a relay. */
export const KEEPING_MUTANTS: readonly EngineMutant[] = [
  {
    name: 'lease-without-end',
    bug: 'A lease is used although it was not renewed in time.',
    file: 'relay/lease-keeper.js',
    from: 'if (!this.#ended.signal.aborted && this.#remainingMs() <= 0)',
    to: 'if (false)',
  },
  {
    name: 'lease-from-the-reply',
    bug: 'The lease is counted from the reply to the claim, not from before the request.',
    file: 'relay/lane.js',
    from: 'lease, settings.leaseMs, requestedAtMs)',
    to: 'lease, settings.leaseMs, clock.monotonicMs())',
  },
  {
    name: 'lost-lease-ignored',
    bug: 'A renewal that is refused changes nothing.',
    file: 'relay/lease-keeper.js',
    from: 'if (report === null) {',
    to: 'if (report === null) { return; } if (report === null) {',
  },
  {
    name: 'one-limit-for-the-batch',
    bug: 'The time limit of a call counts for the batch, so that a slow broker costs attempts.',
    file: 'relay/publish.js',
    from: 'const limit = limitSignal(signals, clock, timeoutMs);',
    to: 'signals.endsAtMs ??= clock.monotonicMs() + timeoutMs; const limit = limitSignal(signals, clock, Math.max(0, signals.endsAtMs - clock.monotonicMs()));',
  },
  {
    name: 'never-renews',
    bug: 'A lease is never renewed.',
    file: 'relay/lease-keeper.js',
    from: 'this.#renewing ??= this.#renew().finally(() => {',
    to: 'this.#renewing ??= Promise.resolve().finally(() => {',
  },
  {
    name: 'releases-while-publishing',
    bug: 'A lease is given back when its work begins.',
    file: 'relay/lane.js',
    from: 'return await work.run();',
    to: 'await this.#release(token); return await work.run();',
  },
  {
    name: 'breaker-without-return',
    bug: 'An open breaker stays open.',
    file: 'relay/breaker.js',
    from: "this.#state = 'half-open';",
    to: '',
  },
  {
    name: 'trial-without-end',
    bug: 'A trial that found no message is never tried again.',
    file: 'relay/breaker-board.js',
    from: 'if (task.trial !== null && this.#trials.get(task.trial) === task)',
    to: 'if (false)',
  },
  {
    name: 'waits-for-ever-in-vain',
    bug: 'A lane that found nothing to claim waits for a wake-up alone.',
    file: 'relay/lane.js',
    from: "else if (turn === 'idle')\n            await control.pacing.wait(mark, this.#pace.idle.nextMs());",
    to: "else if (turn === 'idle')\n            await control.pacing.wait(mark, Number.POSITIVE_INFINITY);",
  },
  {
    name: 'timers-left-behind',
    bug: 'The time limit of a call that never answers lives on after the relay.',
    file: 'relay/relay.js',
    from: 'this.#clock.end();',
    to: '',
  },
  {
    name: 'stops-in-the-middle',
    bug: 'A relay counts as ended while its lanes still work.',
    file: 'relay/relay.js',
    from: 'void Promise.race([all, control.afterAbandon(ABANDON_GRACE_MS)])',
    to: 'void Promise.race([all, control.untilStopping()])',
  },
];
