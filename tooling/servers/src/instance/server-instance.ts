import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from '../system/account.ts';
import { killFamily } from '../system/kill-family.ts';
import { forgetProcess, reapProcess } from '../system/reaper.ts';
import { tail } from '../system/run.ts';
import { removeScratchDirectory } from '../system/scratch-directory.ts';
import { until } from '../system/until.ts';

const STOP_TIMEOUT_MS = 15_000;

/** How one server is run; `S` is what may differ from start to start. */
export interface Recipe<S> {
  /** The name for people, for example `PostgreSQL`. */
  readonly title: string;
  readonly version: string;
  readonly url: string;
  readonly port: number;
  /** A directory that is the server's alone, and holds `server.log` beside its data. */
  readonly directory: string;
  readonly account: Account | null;
  /** Asks the server to end in good order. */
  readonly stopSignal: NodeJS.Signals;
  /** Makes the server end at once together with its own children, when nobody is left to wait. */
  readonly abortSignal: NodeJS.Signals;
  command(settings: S): readonly [string, ...string[]];
  /** Rejects until the server answers. */
  answers(): Promise<unknown>;
}

/**
 * A server of one test's own, on a free port of 127.0.0.1 with a throw-away data directory.
 *
 * States: running → (`stop`, `kill`) ended → (`start`) running … → (`remove`) gone. Data, port and URL stay the same
 * until `remove`. Whoever started it calls `remove`; when the process ends without that, in whatever way, the reaper
 * ends the server and removes its directory.
 */
export class ServerInstance<S = never> {
  readonly #recipe: Recipe<S>;
  #settings: S;
  #child: ChildProcess | null = null;

  constructor(recipe: Recipe<S>, settings: S) {
    this.#recipe = recipe;
    this.#settings = settings;
  }

  get title(): string {
    return this.#recipe.title;
  }

  get version(): string {
    return this.#recipe.version;
  }

  get url(): string {
    return this.#recipe.url;
  }

  get port(): number {
    return this.#recipe.port;
  }

  /** The directory of its data and log; gone after `remove`. */
  get directory(): string {
    return this.#recipe.directory;
  }

  /** The process id of the running server. */
  get pid(): number {
    return this.#running().pid;
  }

  /** What the server has written so far. */
  get log(): string {
    return readFileSync(this.#logPath, 'utf8');
  }

  /** Starts the ended server, with other settings when they are given, and resolves once it answers. */
  async start(settings: S = this.#settings): Promise<void> {
    if (this.#child !== null) throw new Error(`${this.title} on port ${this.port} is already running.`);
    this.#settings = settings;
    const recipe = this.#recipe;
    const [file, ...args] = recipe.command(settings);
    const log = openSync(this.#logPath, 'a', 0o600);
    const child = spawn(file, args, {
      cwd: recipe.directory,
      detached: true,
      stdio: ['ignore', log, log],
      ...recipe.account,
    });
    closeSync(log);
    let failure: Error | null = null;
    child.on('error', (error) => (failure = error));
    child.on('exit', () => {
      if (child.pid !== undefined) forgetProcess(child.pid);
      if (this.#child === child) this.#child = null;
    });
    child.unref();
    if (child.pid !== undefined) reapProcess(child.pid, recipe.abortSignal);
    this.#child = child;
    try {
      await until(
        `${this.title} on port ${this.port} answers`,
        () => recipe.answers(),
        () => {
          if (failure !== null) return failure.message;
          return hasEnded(child) ? `the server ended:\n${tail(this.log)}` : null;
        },
      );
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Ends the server in good order and keeps its data. Does nothing when it has ended already. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    child.kill(this.#recipe.stopSignal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended(child);
    clearTimeout(timer);
  }

  /** Kills the server with all its processes (`kill -9`) and keeps its data. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) {
      this.#child = null;
      return;
    }
    await killFamily(child.pid);
    await ended(child);
  }

  /** Stops the server and starts it again on the same data and port. */
  async restart(settings: S = this.#settings): Promise<void> {
    await this.stop();
    await this.start(settings);
  }

  /** Stops the server and removes its data; the end of the instance. */
  async remove(): Promise<void> {
    await this.stop();
    await removeScratchDirectory(this.#recipe.directory);
  }

  get #logPath(): string {
    return join(this.#recipe.directory, 'server.log');
  }

  #running(): ChildProcess & { pid: number } {
    if (this.#child?.pid === undefined) throw new Error(`${this.title} on port ${this.port} is not running.`);
    return this.#child as ChildProcess & { pid: number };
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Waits with a reference: without one, a process that has nothing else to do would end while it waits. */
async function ended(child: ChildProcess): Promise<void> {
  child.ref();
  if (!hasEnded(child)) await new Promise((resolve) => child.once('exit', resolve));
}
