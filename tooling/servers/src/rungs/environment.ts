import type { ServerKind } from '../kinds/server-kind.ts';
import { urlVariable } from '../names.ts';
import { leaveRunning, reason, type RungAnswer } from './rung.ts';

/**
 * The server that a person names in `OUTRELAY_TEST_…_URL`.
 *
 * @throws Error when nothing answers there: a run on another server than the one asked for would be a false pass
 */
export async function fromEnvironment(kind: ServerKind): Promise<RungAnswer> {
  const variable = urlVariable(kind.name);
  const url = process.env[variable];
  if (url === undefined || url === '') return { none: `${variable} is not set` };
  try {
    return { url, version: await kind.identify(url), origin: variable, remove: leaveRunning };
  } catch (error) {
    throw new Error(`${variable} names a server that does not answer: ${reason(error)}`, { cause: error });
  }
}
