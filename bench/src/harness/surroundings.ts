import { cpus, loadavg, release, totalmem, type } from 'node:os';
import process from 'node:process';

/** What figures depend on besides the code. */
export interface Surroundings {
  readonly node: string;
  readonly system: string;
  readonly processors: string;
  /** Load averages over 1, 5 and 15 minutes at the end of the run. */
  readonly load: string;
  readonly servers: Readonly<Record<string, string>>;
}

/** Looks at the machine. */
export function surroundings(servers: Readonly<Record<string, string>>): Surroundings {
  const processors = cpus();
  return {
    node: process.versions.node,
    system: `${type()} ${release()}`,
    processors: `${processors.length} × ${processors[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    load: loadavg()
      .map((value) => value.toFixed(1))
      .join(' '),
    servers,
  };
}
