import type { Transport, TransportCapabilities } from '@outrelay/core';
import { LineOutput } from './client.ts';
import { streamBroken } from './errors.ts';
import { type ConsoleTransportOptions, readConsoleOptions } from './options.ts';
import { publish } from './publish.ts';

/** What the console transport observably does. */
export const capabilities: TransportCapabilities = {
  batchOrder: 'key',
  confirmation: 'handed-over',
  deduplication: 'consumer',
  limits: { maxMessages: 1_000, maxBatchBytes: 16 * 1024 * 1024, maxPayloadBytes: 16 * 1024 * 1024 },
};

/**
 * Writes messages to a stream, one line of CloudEvents JSON each: for pipes and first steps.
 *
 * `accepted` says that the stream has passed the line on, for a pipe that its buffer has it. What the reader does with
 * it, and whether it lives long enough, nobody knows here: at least once holds as far as the pipe and no further. For
 * more, use a transport whose receiver answers.
 *
 * A stream that breaks, as a pipe does when its reader ends (`EPIPE`), never mends: from then on every call rejects
 * with `TRANSPORT_UNAVAILABLE`. While the transport is open, errors of the stream are reported that way alone.
 *
 * ```ts
 * import { consoleTransport } from '@outrelay/transport-console';
 *
 * const transport = consoleTransport();
 * ```
 *
 * @throws TypeError for an option that is unknown or has a wrong value
 */
export function consoleTransport(options: ConsoleTransportOptions = {}): Transport {
  const { stream, source } = readConsoleOptions(options);
  const output = new LineOutput(stream);
  const calls = new Set<Promise<unknown>>();
  return {
    spec: 1,
    name: 'console',
    capabilities,
    async publish(messages, signal) {
      const call = publish(messages, output, source, signal);
      calls.add(call);
      try {
        return await call;
      } finally {
        calls.delete(call);
      }
    },
    async close() {
      // Each call ends when its lines have left the stream, so nothing is left to flush after them.
      await Promise.allSettled(calls);
      output.detach();
    },
    connectivity: {
      async check() {
        if (output.broken !== null) throw streamBroken(output.broken);
      },
    },
  };
}
