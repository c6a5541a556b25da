import type { ServerKind } from '../kinds/server-kind.ts';
import { leaveRunning, reason, type RungAnswer } from './rung.ts';

/** A server that already listens on this machine and lets its owner in without further ado. */
export async function fromListening(kind: ServerKind): Promise<RungAnswer> {
  const reasons = new Set<string>();
  for (const url of kind.localUrls) {
    try {
      const version = await kind.identify(url);
      return { url, version, origin: `listening on ${new URL(url).host}`, remove: leaveRunning };
    } catch (error) {
      reasons.add(reason(error));
    }
  }
  return { none: `no local server to use (${[...reasons].join('; ')})` };
}
