import { any, describe, readOptions, text } from '@outrelay/core';
import type { LineStream } from './client.ts';

/** The options of {@link consoleTransport}. */
export interface ConsoleTransportOptions {
  /** Where the lines go. It stays the caller's: the transport never ends it. Default: `process.stdout`. */
  readonly stream?: LineStream | undefined;
  /** The `source` attribute of the events, a URI reference. Default: `outrelay`. */
  readonly source?: string | undefined;
}

/** The options once every single one is checked. */
export interface ConsoleOptions {
  readonly stream: LineStream;
  readonly source: string;
}

/** Checks the options; throws a `TypeError` that names the option. */
export function readConsoleOptions(options: unknown): ConsoleOptions {
  const { stream, source } = readOptions('consoleTransport', options, {
    stream: any<unknown>(process.stdout),
    source: text('outrelay'),
  });
  return { stream: checkStream(stream), source };
}

function checkStream(value: unknown): LineStream {
  const stream = value as Partial<LineStream> | null;
  if (typeof stream === 'object' && stream !== null) {
    const { write, on, off } = stream;
    if ([write, on, off].every((method) => typeof method === 'function')) return stream as LineStream;
  }
  throw new TypeError(`consoleTransport: option "stream" must be a writable stream; got ${describe(value)}.`);
}
