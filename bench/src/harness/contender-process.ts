import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Figures, Setting } from './contender.ts';

/** What the harness asks of a contender's process. */
export type Ask =
  | { readonly verb: 'open'; readonly module: string; readonly setting: Setting }
  | { readonly verb: 'prepare' | 'measure' | 'versions' | 'close' };

/** What comes back. */
export type Answer = { readonly value: unknown } | { readonly error: string };

/** How the process of a contender is started. */
export interface ProcessOptions {
  /** The Node that it runs on. */
  readonly node: string;
  /** Where to write CPU profiles to; `null` for none. */
  readonly profiles: string | null;
}

/** A contender in a process of its own, so that no code shares a heap or a compiler's guesses with its rivals. */
export class ContenderProcess {
  readonly #name: string;
  readonly #child: ChildProcess;

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
  }

  static async start(module: string, setting: Setting, options: ProcessOptions): Promise<ContenderProcess> {
    const profiling = options.profiles === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profiles}`];
    const child = fork(fileURLToPath(new URL('./contender-host.js', import.meta.url)), [], {
      execPath: options.node,
      execArgv: ['--expose-gc', ...profiling],
    });
    const contender = new ContenderProcess(setting.name, child);
    await contender.#ask({
      verb: 'open',
      module: new URL(`../contenders/${module}.js`, import.meta.url).href,
      setting,
    });
    return contender;
  }

  async prepare(): Promise<void> {
    await this.#ask({ verb: 'prepare' });
  }

  async measure(): Promise<Figures> {
    return (await this.#ask({ verb: 'measure' })) as Figures;
  }

  async versions(): Promise<Readonly<Record<string, string>>> {
    return (await this.#ask({ verb: 'versions' })) as Readonly<Record<string, string>>;
  }

  /** Ends the process in good order. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    await this.#ask({ verb: 'close' });
    await ended;
  }

  /** Ends the process at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(ask: Ask): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = (): void => {
        this.#child.off('message', answered);
        reject(new Error(`The process of ${this.#name} ended during ${ask.verb}.`));
      };
      const answered = (answer: Answer): void => {
        this.#child.off('exit', ended);
        if ('error' in answer) reject(new Error(`${this.#name}, ${ask.verb}: ${answer.error}`));
        else resolve(answer.value);
      };
      this.#child.once('exit', ended);
      this.#child.once('message', answered);
      this.#child.send(ask);
    });
  }
}
