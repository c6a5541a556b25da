import { freePort } from '../system/free-port.ts';
import { removeScratchDirectory } from '../system/scratch-directory.ts';
import { type Recipe, ServerInstance } from './server-instance.ts';

const TRIES = 3;

/**
 * Starts a server on a free port. Between finding the port and listening on it another process may take it, so a
 * start that fails is tried again on another port; the last failure is thrown.
 */
export async function startOnFreePort<S>(
  settings: S,
  prepare: (port: number) => Promise<Recipe<S>>,
): Promise<ServerInstance<S>> {
  for (let tries = 1; ; tries++) {
    const recipe = await prepare(await freePort());
    const instance = new ServerInstance(recipe, settings);
    try {
      await instance.start();
      return instance;
    } catch (error) {
      await removeScratchDirectory(recipe.directory);
      const portTaken = error instanceof Error && /address already in use/i.test(error.message);
      if (!portTaken || tries === TRIES) throw error;
    }
  }
}
