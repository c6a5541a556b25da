import type { Output } from './terminal/output.ts';

/** What a command has of the process around it. */
export interface Context {
  readonly stdin: NodeJS.ReadStream;
  readonly out: Output;
  readonly err: Output;
  readonly env: NodeJS.ProcessEnv;
  /** The person's folder: configuration, adapters and relative files are looked up from here. */
  readonly cwd: string;
  /** Aborts when whoever read our output went away, as `head` does. */
  readonly outputGone: AbortSignal;
}
