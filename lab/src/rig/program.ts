import { once } from 'node:events';

/** What the parent of this program has set. */
export function readSettings(): unknown {
  return JSON.parse(process.env['LAB_SETTINGS'] ?? 'null');
}

/** Tells the parent something. */
export function tell(said: object): void {
  process.send?.(said);
}

/** Resolves when the parent asks this program to end; when the parent is gone, the program ends at once. */
export async function untilStopped(): Promise<void> {
  const abandoned = (): void => process.exit(1);
  process.once('disconnect', abandoned);
  await once(process, 'SIGTERM');
  process.off('disconnect', abandoned);
}
