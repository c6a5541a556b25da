/** What a measurement gives: numbers by the name of their unit, for example `{ 'messages/s': 81000 }`. */
export type Figures = Readonly<Record<string, number>>;

/** What a contender is told. */
export interface Setting {
  /** How many messages a round has. */
  readonly messages: number;
  /** A directory of the contender's own. */
  readonly directory: string;
  /** A name of the contender's own, for databases and the like: letters, digits and `_`. */
  readonly name: string;
  /** URLs of the servers that the scenario asked for. */
  readonly urls: Readonly<Record<string, string>>;
  /** What distinguishes this entrant from others with the same code. */
  readonly options: Readonly<Record<string, string>>;
}

/** A contender that takes part. Nothing that `prepare` did may live in the process alone. */
export interface Session {
  /** Brings about what a round begins with; not measured. */
  prepare(): Promise<void>;
  /** One round. Throws when the work was not done: figures of work that was not done are worth nothing. */
  measure(): Promise<Figures>;
  /** Versions of what the contender is made of, by name. */
  versions?(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/** What a contender's module exports as `open`. */
export type OpenContender = (setting: Setting) => Promise<Session>;

/** An option that the scenario must have given. */
export function option({ options }: Setting, name: string): string {
  const value = options[name];
  if (value === undefined) throw new Error(`The scenario gives no option "${name}".`);
  return value;
}

/** The URL of a server that the scenario must have asked for. */
export function urlOf({ urls }: Setting, name: string): string {
  const url = urls[name];
  if (url === undefined) throw new Error(`The scenario asks for no server "${name}".`);
  return url;
}
