import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A program of the lab in a process of its own, which may be killed at any moment. */
export class Child<Said> {
  readonly exited: Promise<void>;
  /** Everything the program has written to stderr. */
  complaints = '';
  readonly #process: ChildProcess;

  /**
   * Starts a program.
   *
   * @param settings - what the program reads with `readSettings`
   * @param hear - gets what the program says
   */
  constructor(program: URL, settings: object, hear: (said: Said) => void = () => {}) {
    this.#process = fork(fileURLToPath(program), {
      env: { ...process.env, LAB_SETTINGS: JSON.stringify(settings) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaints += text;
    });
    this.#process.on('message', (said) => hear(said as Said));
    this.exited = once(this.#process, 'exit').then(() => undefined);
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** `kill -9`; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exited;
  }

  /** Asks the program to end, and waits until it has. */
  async stop(): Promise<void> {
    this.#process.kill('SIGTERM');
    await this.exited;
    if (this.#process.exitCode !== 0)
      throw new Error(`A program of the lab ended with ${this.#process.exitCode}: ${this.complaints}`);
  }
}
