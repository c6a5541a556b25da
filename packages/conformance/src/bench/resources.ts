import { holds } from './assertions.ts';
import { eventually } from './eventually.ts';

/** What keeps this process alive at the moment, by kind. */
export function resources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const resource of process.getActiveResourcesInfo()) {
    if (!resource.startsWith('FSReq')) counts.set(resource, (counts.get(resource) ?? 0) + 1);
  }
  return counts;
}

/** Waits until no more of any kind keeps this process alive than `before`; fails with what is left. */
export async function endsEverything(
  what: string,
  before: ReadonlyMap<string, number>,
  patienceMs: number,
): Promise<void> {
  let left: readonly string[] = [];
  await eventually(`everything of the ${what} to end after its close`, patienceMs, () => {
    left = [...resources()].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind]) => kind);
    return left.length === 0;
  }).catch((error: unknown) => {
    holds(left.length === 0, `after close these are still there: ${left.join(', ')}`);
    throw error;
  });
}
