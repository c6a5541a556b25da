import type { ServerKind } from '../kinds/server-kind.ts';
import { aptInstall, mayInstall } from '../system/apt.ts';
import { fromBinary } from './binary.ts';
import type { RungAnswer } from './rung.ts';

/** A throw-away server from a Debian package that is installed first; for root only, who may do that. */
export async function fromDebianPackage(kind: ServerKind): Promise<RungAnswer> {
  if (kind.debianPackages.length === 0) return { none: 'not a Debian package' };
  if (!mayInstall()) return { none: 'no right to install Debian packages' };
  const failure = await aptInstall(kind.debianPackages);
  if (failure !== null) return { none: failure };
  const answer = await fromBinary(kind);
  return 'none' in answer ? answer : { ...answer, origin: `installed, ${answer.origin}` };
}
