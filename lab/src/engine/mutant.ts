/** The engine with one bug, as a change to one of its built files. */
export interface EngineMutant {
  /** In kebab case. */
  readonly name: string;
  /** What it does wrong, in one sentence. */
  readonly bug: string;
  /** The built file of core, below `dist`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}
