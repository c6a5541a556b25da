/** A server of the benchmark's own, with the durability it has by default. */
export type ServerKind = 'redis' | 'postgres' | 'mariadb' | 'mysql' | 'documentdb';

/** One who takes part in a scenario. */
export interface Entrant {
  readonly name: string;
  /** The contender's module, relative to `contenders/`, without its ending. */
  readonly contender: string;
  readonly options?: Readonly<Record<string, string>> | undefined;
  /** Another number of messages than the scenario's: by this factor. */
  readonly factor?: number | undefined;
  /** Whether it needs a newer Node than this project. */
  readonly node24?: boolean | undefined;
}

/** What is to be reached. */
export type Target = {
  readonly entrant: string;
  readonly figure: string;
  readonly bound: 'at least' | 'at most';
  readonly value: number;
  /** The entrants whose figure the value is a multiple of, the best of each round; absent for a plain number. */
  readonly against?: readonly string[] | undefined;
};

/** One question that the benchmark answers. */
export interface Scenario {
  /** By which `--only` selects it. */
  readonly name: string;
  readonly title: string;
  readonly servers: readonly ServerKind[];
  /** Messages of one round. */
  readonly messages: number;
  /** Rounds that count, after one that does not. */
  readonly rounds: number;
  /** The figures to show, in order, and whether more is better. */
  readonly figures: Readonly<Record<string, 'more is better' | 'less is better'>>;
  /** Whether each measurement has a process of its own, with nothing in its memory yet. */
  readonly freshProcess?: boolean | undefined;
  readonly entrants: readonly Entrant[];
  readonly targets: readonly Target[];
}
