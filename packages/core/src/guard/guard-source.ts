import { errorText, isOutboxError, OutboxError } from '../errors.ts';
import { describe } from '../settings.ts';
import type { MessageSource } from '../source.ts';
import { closeOnce, contractBroken, type Lifecycle } from './lifecycle.ts';

const guarded = new WeakMap<object, MessageSource>();

/**
 * Puts the lifecycle, the error classes and the checks of the contract around a source, so that the source need not.
 *
 * Every entry point of core calls it; calling it again answers with the same guard.
 */
export function guardSource(value: unknown): MessageSource {
  const source = checkSource(value);
  const known = guarded.get(source);
  if (known !== undefined) return known;
  const guard = wrap(source);
  guarded.set(source, guard);
  guarded.set(guard, guard);
  return guard;
}

function wrap(source: MessageSource): MessageSource {
  const life: Lifecycle = { closing: null };
  const run = async <T>(verb: string, call: () => Promise<T>): Promise<T> => {
    if (life.closing !== null)
      throw new OutboxError(
        'TRANSPORT_CLOSED',
        `The source "${source.name}" was closed before ${verb} was called.`,
      );
    try {
      return await call();
    } catch (error) {
      if (isOutboxError(error) || error instanceof TypeError) throw error;
      const text = `The source "${source.name}" failed in ${verb}: ${errorText(error)}`;
      throw new OutboxError('TRANSPORT_UNAVAILABLE', text, { cause: error });
    }
  };
  return {
    spec: source.spec,
    name: source.name,
    capabilities: source.capabilities,

    async receive(request, signal) {
      const deliveries = await run('receive', () => source.receive(request, signal));
      if (deliveries.length <= request.limit) return deliveries;
      throw contractBroken(
        source.name,
        `receive yielded ${deliveries.length} deliveries, ${request.limit} were asked for`,
      );
    },

    async acknowledge(deliveries) {
      if (deliveries.length > 0) await run('acknowledge', () => source.acknowledge(deliveries));
    },

    async reject(rejections) {
      if (rejections.length > 0) await run('reject', () => source.reject(rejections));
    },

    async release(deliveries) {
      if (deliveries.length > 0) await run('release', () => source.release(deliveries));
    },

    close: () => closeOnce(life, () => source.close()),
  };
}

function checkSource(value: unknown): MessageSource {
  const source = value as Partial<MessageSource> | null | undefined;
  if (typeof source !== 'object' || source === null || typeof source.receive !== 'function') {
    throw new TypeError(`Expected a source of messages such as redisSource({ … }); got ${describe(value)}.`);
  }
  if (source.spec === 1) return source as MessageSource;
  throw new TypeError(
    `The source "${source.name}" implements version ${String(source.spec)} of the contract; this package works with version 1. Upgrade whichever is older.`,
  );
}
