import { randomBytes } from 'node:crypto';

let made = 0;

/**
 * An `_id` by which documents are paged in the order in which they came: the time of the server, then the order within
 * this process, then chance, so that no two processes make the same.
 */
export function pagedId(now: Date): string {
  made = (made + 1) % 1_000_000_000;
  const time = String(now.getTime()).padStart(15, '0');
  return `${time}-${String(made).padStart(9, '0')}-${randomBytes(4).toString('hex')}`;
}
