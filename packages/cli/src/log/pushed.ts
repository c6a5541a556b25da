import { type OutboxStore, pushStore } from '@outrelay/core';
import { facetOf, type StoreSession } from '../session/store-session.ts';

/** The store of a session, pushed by its log. Closing it closes the store as well. */
export async function pushed({ store, closer }: StoreSession): Promise<OutboxStore> {
  facetOf(store, 'log');
  const pushing = pushStore(store);
  closer.add('store', pushing);
  return pushing;
}
