import type { ServerKind } from '../kinds/server-kind.ts';
import { aptInstall, mayInstall } from '../system/apt.ts';
import { findBinary } from '../system/binary.ts';
import { makeDebianRoot } from '../system/debian-root.ts';
import { tail } from '../system/run.ts';
import { fromBinary } from './binary.ts';
import type { RungAnswer } from './rung.ts';

/** A throw-away server from the newest Debian, which is put into a directory first; for root on a Debian only. */
export async function fromDebianRoot(kind: ServerKind): Promise<RungAnswer> {
  if (kind.sidPackages.length === 0) return { none: 'not in the newest Debian' };
  if (!mayInstall()) return { none: 'no right to make a Debian root' };
  const failure = findBinary('debootstrap') === null ? await aptInstall(['debootstrap']) : null;
  if (failure !== null) return { none: failure };
  try {
    await makeDebianRoot(kind.sidPackages);
  } catch (error) {
    return { none: `no Debian root could be made: ${tail(String(error), 1)}` };
  }
  const answer = await fromBinary(kind);
  return 'none' in answer ? answer : { ...answer, origin: `from Debian sid, ${answer.origin}` };
}
