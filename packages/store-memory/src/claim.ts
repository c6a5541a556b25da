import type { ClaimRequest, Lease } from '@outrelay/core';
import type { MemoryState } from './state.ts';

/** Keys that one lease takes at most, so that several lanes find work. */
const KEYS_PER_LEASE = 100;

/** What a lease of this store knows. */
export interface MemoryLease extends Lease {
  readonly state: { readonly orderKeys: ReadonlySet<string> };
}

/** Takes free keys that have something due. */
export function claim(state: MemoryState, request: ClaimRequest): MemoryLease | null {
  const orderKeys = new Set<string>();
  for (const [orderKey, entries] of state.entries) {
    if (orderKeys.size === KEYS_PER_LEASE) break;
    const topic = entries[0]?.content.topic ?? '';
    if (state.liveHolder(orderKey) !== undefined || !request.topics.matches(topic)) continue;
    if (state.due(orderKey).length > 0) orderKeys.add(orderKey);
  }
  if (orderKeys.size === 0) return null;
  const expiresAtMs = state.now() + request.leaseMs;
  for (const orderKey of orderKeys) {
    suspectLostReads(state, orderKey);
    state.holders.set(orderKey, { token: request.token, relay: request.relay, expiresAtMs, released: false });
  }
  return { token: request.token, state: { orderKeys } };
}

/** What was read under a lease that simply ended may have brought its relay down. */
function suspectLostReads(state: MemoryState, orderKey: string): void {
  for (const entry of state.entries.get(orderKey) ?? []) {
    if (entry.yieldedTo === null) continue;
    entry.yieldedTo = null;
    if (entry.phase === 'fresh' || entry.phase === 'retry') entry.phase = 'suspect';
  }
}
