import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRelay } from '@outrelay/core';
import type { Engine } from './engine.ts';
import type { EngineMutant } from './mutant.ts';

/** The engine as it is. */
export const HONEST: Engine = { createRelay };

/**
 * Loads a copy of the built engine with one bug planted in it: the product has no hook for that and needs none.
 *
 * Throws when the text that the mutant changes is not there exactly once, so that no mutant outlives its code unseen.
 */
export async function loadMutant({ name, file, from, to }: EngineMutant): Promise<Engine> {
  const core = dirname(fileURLToPath(import.meta.resolve('@outrelay/core')));
  const directory = mkdtempSync(join(tmpdir(), `outrelay-mutant-${name}-`));
  try {
    // A test runner leaves what is below `node_modules` as it is, and looks for no sources of it.
    const copy = join(directory, 'node_modules', 'core');
    cpSync(core, copy, { recursive: true, filter: (path) => !path.endsWith('.map') });
    writeFileSync(join(copy, 'package.json'), '{ "type": "module" }');
    const path = join(copy, file);
    const parts = readFileSync(path, 'utf8').split(from);
    if (parts.length !== 2) {
      throw new Error(
        `The mutant "${name}" changes what stands ${parts.length - 1} times in ${file}; it has to stand there once.`,
      );
    }
    writeFileSync(path, parts.join(to));
    return (await import(pathToFileURL(join(copy, 'index.js')).href)) as Engine;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
