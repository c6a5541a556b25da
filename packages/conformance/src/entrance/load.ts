import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe } from '@outrelay/core';
import { KINDS } from '../run/check-harness.ts';
import type { Harness } from '../run/run-conformance.ts';

/**
 * Imports a harness from a module: its default export, or the export `harness`, or what either answers when it is a
 * function. Throws a `TypeError` that says what is missing.
 */
export async function load(path: string, cwd: string): Promise<Harness> {
  const url = pathToFileURL(resolve(cwd, path));
  let module: Record<string, unknown>;
  try {
    module = (await import(url.href)) as Record<string, unknown>;
  } catch (error) {
    throw new TypeError(loadFailure(path, error), { cause: error });
  }
  const exported = module['default'] ?? module['harness'];
  const harness: unknown = typeof exported === 'function' ? await (exported as () => unknown)() : exported;
  if (KINDS.includes((harness as { kind?: unknown } | null | undefined)?.kind)) return harness as Harness;
  throw new TypeError(
    `Expected the default export of ${path}, or its export "harness", to be a harness with the kind "store", "transport" or "source"; got ${describe(harness)}.`,
  );
}

function loadFailure(path: string, error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return `This Node cannot run ${path} as it is: compile it to JavaScript, or use Node 22.18 or later, which strips types.`;
  }
  return `The harness ${path} cannot be loaded: ${String(message)}`;
}
