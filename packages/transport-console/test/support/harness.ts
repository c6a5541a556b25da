import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import type { BrokerAccess, ReceivedMessage, TransportHarness } from '@outrelay/conformance';
import type { Transport } from '@outrelay/core';
import { parseHttpMessage } from '@outrelay/transport-http';
import { capabilities, consoleTransport } from '../../src/index.ts';
import { ECHO } from './reader.ts';

/** More than a pipe holds while nobody reads. */
const FILLING = '\n'.repeat(4 * 1_048_576);

/** A process at the other end of a pipe, and the lines that it has read. */
class Pipe implements BrokerAccess {
  readonly #lines: string[] = [];
  readonly #marks = new Map<string, () => void>();
  #child: ChildProcess | null = null;
  #stream: Writable | null = null;
  #markCount = 0;

  start(): void {
    const child = spawn(process.execPath, ['-e', ECHO], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#stream = child.stdin;
    createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      const mark = this.#marks.get(line);
      if (mark !== undefined) mark();
      else if (line !== '') this.#lines.push(line);
    });
  }

  /** The reader is gone, and whatever it had not read with it. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }

  /** Stops the reader and fills the pipe: a line stays in the stream until the reader goes on. */
  hold(): void {
    this.#child?.kill('SIGSTOP');
    this.#stream?.write(FILLING);
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  connect(): Transport {
    if (this.#stream === null) throw new Error('the pipe has no reader');
    return consoleTransport({ stream: this.#stream });
  }

  destination(label: string): Promise<string> {
    return Promise.resolve(label);
  }

  /** What stood in the pipe before a mark has been read once the mark is. */
  async received(): Promise<readonly ReceivedMessage[]> {
    const mark = `mark ${++this.#markCount}`;
    await new Promise<void>((resolve) => {
      this.#marks.set(mark, resolve);
      this.#stream?.write(`${mark}\n`);
    });
    return this.#lines.map(readLine);
  }

  remove(): Promise<void> {
    return this.stop();
  }
}

/** A line is a CloudEvent in JSON, which the parser of webhooks reads as well. */
function readLine(line: string): ReceivedMessage {
  const { id, topic, key, headers, payload, contentType } = parseHttpMessage(
    { 'content-type': 'application/cloudevents+json' },
    Buffer.from(line),
  );
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  return { id, topic, key, headers, payload: bytes, contentType };
}

/** A pipe whose reader has ended never takes anything again. */
const NEVER_BACK = [
  ['T1.7', 'from the start'],
  ['T1.7', 'after a message'],
  ['T4.1', 'stopped and started'],
  ['T4.1', 'killed and started'],
  ['T4.4', 'is back'],
] as const;

/** The harness of a pipe to a real process. */
export const pipeHarness: TransportHarness<Pipe> = {
  kind: 'transport',
  name: 'transport-console to a pipe',
  capabilities,
  facets: ['connectivity'],
  waits: { patienceMs: 5_000 },
  deviations: NEVER_BACK.map(([clause, name]) => ({
    clause,
    case: name,
    reason: 'a pipe whose reader has ended never comes back: a new one means a new transport',
    issue: 'packages/transport-console/README.md#outcomes',
  })),
  open() {
    const pipe = new Pipe();
    pipe.start();
    return Promise.resolve(pipe);
  },
  powers: {
    provokeHang(pipe) {
      pipe.hold();
      return Promise.resolve({
        message: {},
        scope: 'topic',
        lift: () => Promise.resolve(pipe.resume()),
      });
    },
    async stopBroker(pipe) {
      await pipe.stop();
      return () => Promise.resolve(pipe.start());
    },
    async killBroker(pipe) {
      await pipe.stop();
      pipe.start();
    },
  },
};
