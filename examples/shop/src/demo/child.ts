import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One process of the demo. */
export class Child {
  readonly name: string;
  readonly exited: Promise<Exit>;
  /** How it ended; `null` while it runs. */
  exit: Exit | null = null;
  readonly #process: ChildProcess;

  /**
   * Starts a program of the demo.
   *
   * @param complain - gets what the program writes to stderr
   */
  constructor(program: URL, env: Readonly<Record<string, string>>, complain: (text: string) => void) {
    this.name = basename(program.pathname, '.js');
    this.#process = fork(fileURLToPath(program), {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => complain(`${this.name}: ${text.trim()}`));
    this.exited = once(this.#process, 'exit').then(([code, signal]) => {
      this.exit = { code, signal };
      return this.exit;
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The first thing the program says to its parent. */
  async message<T>(): Promise<T> {
    const [message] = (await Promise.race([
      once(this.#process, 'message'),
      this.exited.then(() => [null]),
    ])) as [T];
    if (message === null) throw new Error(`The ${this.name} ended before it was ready.`);
    return message;
  }

  /** Sends the signal and waits for the end; without effect when it has ended. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.exit === null) this.#process.kill(signal);
    await this.exited;
  }
}
