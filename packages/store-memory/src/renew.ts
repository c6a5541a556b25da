import type { RenewReport } from '@outrelay/core';
import type { MemoryLease } from './claim.ts';
import type { Holder, MemoryState } from './state.ts';

/** Extends the lease on all its keys, or on none when one of them is not held any more (S5.3). */
export function renew(state: MemoryState, lease: MemoryLease, leaseMs: number): RenewReport | null {
  const expiresAtMs = state.now() + leaseMs;
  const held: Holder[] = [];
  for (const orderKey of lease.state.orderKeys) {
    const holder = state.holders.get(orderKey);
    if (holder === undefined || holder.token !== lease.token || holder.released) return null;
    held.push(holder);
  }
  for (const holder of held) holder.expiresAtMs = expiresAtMs;
  return { lease, wanted: false };
}

/** Frees every key held under the token; what was read and not settled is available again, uncharged. */
export function release(state: MemoryState, token: string): void {
  let freed = false;
  for (const [orderKey, holder] of state.holders) {
    if (holder.token !== token || holder.released) continue;
    freed = true;
    if (!state.entries.has(orderKey)) {
      state.holders.delete(orderKey);
      continue;
    }
    holder.released = true;
    for (const entry of state.entries.get(orderKey) ?? [])
      if (entry.yieldedTo === token) entry.yieldedTo = null;
  }
  if (freed) state.wake();
}
