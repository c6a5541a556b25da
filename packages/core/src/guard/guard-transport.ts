import { errorText, isOutboxError, OutboxError } from '../errors.ts';
import { describe } from '../settings.ts';
import type { PublishResult, Transport } from '../transport.ts';
import { closeOnce, contractBroken, type Lifecycle } from './lifecycle.ts';
import { checkLimits } from './limits.ts';

const guarded = new WeakMap<object, Transport>();

/**
 * Puts the lifecycle and the checks of the contract around a transport, so that the transport need not.
 *
 * Every entry point of core calls it; calling it again answers with the same guard.
 */
export function guardTransport(value: unknown): Transport {
  const transport = checkTransport(value);
  const known = guarded.get(transport);
  if (known !== undefined) return known;
  const guard = wrap(transport);
  guarded.set(transport, guard);
  guarded.set(guard, guard);
  return guard;
}

function wrap(transport: Transport): Transport {
  const life: Lifecycle = { closing: null };
  const open = (verb: string): void => {
    if (life.closing === null) return;
    throw new OutboxError(
      'TRANSPORT_CLOSED',
      `The transport "${transport.name}" was closed before ${verb} was called.`,
    );
  };
  const { connectivity } = transport;
  return {
    spec: transport.spec,
    name: transport.name,
    capabilities: transport.capabilities,

    async publish(messages, signal) {
      open('publish');
      if (messages.length === 0) return [];
      const results = await transport.publish(messages, signal);
      checkResults(transport.name, messages.length, results);
      return signal.aborted ? results : withProgress(transport.name, results);
    },

    close: () => closeOnce(life, () => transport.close()),

    connectivity:
      connectivity === undefined
        ? undefined
        : {
            async check(signal) {
              open('check');
              try {
                await connectivity.check(signal);
              } catch (error) {
                throw unavailable(transport.name, error);
              }
            },
          },
  };
}

const STATUSES: ReadonlySet<unknown> = new Set([
  'accepted',
  'duplicate',
  'withheld',
  'rejected',
  'failed',
  'unknown',
] satisfies PublishResult['status'][]);

/** A result that cannot be read is no proof that the broker has the message. */
function checkResults(name: string, asked: number, results: unknown): asserts results is PublishResult[] {
  if (!Array.isArray(results) || results.length !== asked) {
    const given = Array.isArray(results) ? `${results.length} results` : describe(results);
    throw contractBroken(name, `publish got ${asked} messages and gave ${given} (T1.1)`);
  }
  for (const result of results as (PublishResult | undefined)[]) {
    if (STATUSES.has(result?.status)) continue;
    throw contractBroken(name, `publish gave a result with the status ${describe(result?.status)} (T1.1)`);
  }
}

/** Messages are withheld behind another one: a call that withholds all of them would be repeated for ever. */
function withProgress(name: string, results: readonly PublishResult[]): readonly PublishResult[] {
  if (results.some((result) => result.status !== 'withheld')) return results;
  const error = contractBroken(name, 'publish withheld every message of a call (T3.3)');
  return [{ status: 'failed', error }, ...results.slice(1)];
}

function unavailable(name: string, error: unknown): OutboxError {
  if (isOutboxError(error) && error.code === 'TRANSPORT_UNAVAILABLE') return error;
  return new OutboxError(
    'TRANSPORT_UNAVAILABLE',
    `The transport "${name}" cannot be reached: ${errorText(error)}`,
    {
      cause: error,
    },
  );
}

function checkTransport(value: unknown): Transport {
  const transport = value as Partial<Transport> | null | undefined;
  if (typeof transport !== 'object' || transport === null || typeof transport.publish !== 'function') {
    throw new TypeError(`Expected a transport such as redisTransport({ … }); got ${describe(value)}.`);
  }
  if (transport.spec !== 1) {
    throw new TypeError(
      `The transport "${transport.name}" implements version ${String(transport.spec)} of the contract; this package works with version 1. Upgrade whichever is older.`,
    );
  }
  checkLimits(`The transport "${transport.name}"`, transport.capabilities?.limits);
  return transport as Transport;
}
