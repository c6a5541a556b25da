import { guardTransport, type PublishResult, type Transport } from '@outrelay/core';
import { onTestFinished } from 'vitest';
import { type RedisTransportOptions, redisTransport } from '../../src/index.ts';

/** A transport as the relay has it, behind core's guard; it is closed after the test. */
export function open(options: RedisTransportOptions): Transport {
  const transport = guardTransport(redisTransport(options));
  onTestFinished(() => transport.close());
  return transport;
}

/** The statuses of results, for comparison. */
export function statuses(results: readonly PublishResult[]): readonly string[] {
  return results.map(({ status }) => status);
}

/** The text of the error in a result; fails when there is none. */
export function errorIn(result: PublishResult | undefined): string {
  if (result === undefined || !('error' in result)) throw new Error(`no error in ${JSON.stringify(result)}`);
  return (result.error as Error).message;
}
