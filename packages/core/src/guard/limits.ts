import { describe } from '../settings.ts';

/** Checks the limits that an adapter declares: with a limit of nothing, nothing would ever be sent, and nobody told. */
export function checkLimits(owner: string, limits: unknown): void {
  for (const [limit, value] of Object.entries(limits ?? {})) {
    if (typeof value === 'number' && value >= 1) continue;
    throw new TypeError(
      `${owner} declares the limit "${limit}" as ${describe(value)}; it must be at least 1.`,
    );
  }
}
