import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figures, Setting } from './contender.ts';
import { ContenderProcess, type ProcessOptions } from './contender-process.ts';
import { node24 } from './node24.ts';
import type { Entrant, Scenario } from './scenario.ts';

/** How a scenario is run. */
export interface RunOptions {
  readonly urls: Readonly<Record<string, string>>;
  /** Instead of the scenario's own; `null` for those. */
  readonly rounds: number | null;
  readonly messages: number | null;
  readonly profiles: string | null;
  readonly say: (line: string) => void;
}

/** What a run of a scenario gave: per entrant its figures, round by round. */
export interface Measured {
  readonly scenario: Scenario;
  readonly messages: number;
  readonly rounds: Readonly<Record<string, readonly Figures[]>>;
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Runs the entrants of a scenario in turns: every round has one measurement of each, and each round begins with
 * another one, so that whatever else the machine does meets all of them alike. The first round warms up and is thrown
 * away, unless every measurement has a fresh process.
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<Measured> {
  const messages = options.messages ?? scenario.messages;
  const counted = options.rounds ?? scenario.rounds;
  const warmUps = scenario.freshProcess === true ? 0 : 1;
  const participants = await Promise.all(
    scenario.entrants.map((entrant) => Participant.create(scenario, entrant, messages, options)),
  );
  const rounds: Record<string, Figures[]> = Object.fromEntries(
    scenario.entrants.map(({ name }) => [name, []]),
  );
  const versions: Record<string, string> = {};
  try {
    for (let round = 0; round < warmUps + counted; round++) {
      for (const [turn] of participants.entries()) {
        const participant = participants[(turn + round) % participants.length] as Participant;
        const figures = await participant.measure();
        const warm = round < warmUps;
        if (!warm) rounds[participant.name]?.push(figures);
        options.say(
          `  ${warm ? 'warm-up' : `round ${round - warmUps + 1}`}, ${participant.name}: ${told(figures)}`,
        );
      }
    }
    for (const participant of participants) Object.assign(versions, await participant.versions());
    for (const participant of participants) await participant.leave();
  } finally {
    await Promise.all(participants.map((participant) => participant.remove()));
  }
  return { scenario, messages, rounds, versions };
}

/** An entrant with its process and its directory. */
class Participant {
  readonly name: string;
  readonly #module: string;
  readonly #setting: Setting;
  readonly #options: ProcessOptions;
  readonly #fresh: boolean;
  #process: ContenderProcess | null = null;

  private constructor(
    name: string,
    module: string,
    setting: Setting,
    options: ProcessOptions,
    fresh: boolean,
  ) {
    this.name = name;
    this.#module = module;
    this.#setting = setting;
    this.#options = options;
    this.#fresh = fresh;
  }

  static async create(
    scenario: Scenario,
    entrant: Entrant,
    messages: number,
    { urls, profiles }: RunOptions,
  ): Promise<Participant> {
    const setting: Setting = {
      messages: Math.round(messages * (entrant.factor ?? 1)),
      directory: await mkdtemp(join(tmpdir(), 'outrelay-bench-')),
      name: `bench_${entrant.name.replaceAll(/[^A-Za-z0-9]+/g, '_').toLowerCase()}`,
      urls,
      options: entrant.options ?? {},
    };
    const node = entrant.node24 === true ? await node24() : process.execPath;
    const fresh = scenario.freshProcess === true;
    return new Participant(entrant.name, entrant.contender, setting, { node, profiles }, fresh);
  }

  async measure(): Promise<Figures> {
    const preparing = await this.#ready();
    await preparing.prepare();
    if (this.#fresh) await this.leave();
    const measuring = await this.#ready();
    const figures = await measuring.measure();
    if (this.#fresh) await this.leave();
    return figures;
  }

  async versions(): Promise<Readonly<Record<string, string>>> {
    const contender = await this.#ready();
    return contender.versions();
  }

  /** Ends what is left of the process, which after a failure may be in the middle of a round. */
  async remove(): Promise<void> {
    this.#process?.kill();
    await rm(this.#setting.directory, { recursive: true, force: true });
  }

  async #ready(): Promise<ContenderProcess> {
    this.#process ??= await ContenderProcess.start(this.#module, this.#setting, this.#options);
    return this.#process;
  }

  async leave(): Promise<void> {
    await this.#process?.close();
    this.#process = null;
  }
}

function told(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${value.toLocaleString('en', { maximumSignificantDigits: 4 })} ${name}`)
    .join(', ');
}
