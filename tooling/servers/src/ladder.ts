import { kinds } from './kinds/kinds.ts';
import type { ServerKind } from './kinds/server-kind.ts';
import type { ServerName } from './names.ts';
import { fromBinary } from './rungs/binary.ts';
import { fromCompose } from './rungs/compose.ts';
import { fromDebianPackage } from './rungs/debian.ts';
import { fromDebianRoot } from './rungs/debian-root.ts';
import { fromEnvironment } from './rungs/environment.ts';
import { fromListening } from './rungs/listening.ts';
import { type FoundServer, reason, type Rung } from './rungs/rung.ts';

/** The rungs in the order in which they are tried; the first that answers is used. */
const LADDER: readonly Rung[] = [
  fromEnvironment,
  fromListening,
  fromBinary,
  fromCompose,
  fromDebianPackage,
  fromDebianRoot,
];
/** Those that change the machine, and what they would install. */
const INSTALLING: ReadonlyMap<Rung, (kind: ServerKind) => readonly string[]> = new Map([
  [fromDebianPackage, ({ debianPackages }: ServerKind) => debianPackages],
  [fromDebianRoot, ({ sidPackages }: ServerKind) => sidPackages],
]);

/** What a search takes. */
export interface SearchOptions {
  /** Whether the last rungs may install Debian packages when this process is root. Default: `false`. */
  readonly install?: boolean | undefined;
  /** Called before a rung that installs something, which takes a minute or so. Default: nobody is told. */
  readonly onInstall?: ((title: string) => void) | undefined;
}

/** The outcome of a search. */
export type Search =
  | ({ readonly status: 'found'; readonly name: ServerName; readonly title: string } & FoundServer)
  | {
      readonly status: 'missing';
      readonly name: ServerName;
      readonly title: string;
      /** Why no rung had a server. */
      readonly why: string;
      /** The one command that would provide a server. */
      readonly remedy: string;
    };

/**
 * Finds a server for a run. Whoever searched calls `remove` on what was found; that ends a server which was started
 * for the search, and leaves any other alone.
 */
export async function findServer(name: ServerName, options: SearchOptions = {}): Promise<Search> {
  const kind: ServerKind = kinds[name];
  const { title, remedy } = kind;
  const reasons: string[] = [];
  for (const rung of LADDER) {
    const packages = INSTALLING.get(rung)?.(kind);
    if (packages !== undefined && options.install !== true) continue;
    if (packages !== undefined && packages.length > 0) options.onInstall?.(title);
    try {
      const answer = await rung(kind);
      if (!('none' in answer)) return { status: 'found', name, title, ...answer };
      reasons.push(answer.none);
    } catch (error) {
      reasons.push(reason(error));
      // A server that a person named, and that fails, is not replaced by another one behind their back.
      if (rung === fromEnvironment) return { status: 'missing', name, title, why: reason(error), remedy };
    }
  }
  return { status: 'missing', name, title, why: reasons.join('; '), remedy };
}
