import type { ServerName } from '../names.ts';
import { mariadb } from './mariadb.ts';
import { mongodb } from './mongodb.ts';
import { mysql } from './mysql.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import type { ServerKind } from './server-kind.ts';

/** Every kind of server that suites can ask for. */
export const kinds: Readonly<Record<ServerName, ServerKind>> = { mariadb, mongodb, mysql, postgres, redis };

/** Whether a text names a kind of server. */
export function isServerName(text: string): text is ServerName {
  return Object.hasOwn(kinds, text);
}
