import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = join(import.meta.dirname, '..', '..', '..');

/** Whether an adapter of this workspace has its driver: a copy of the workspace for one package may lack it. */
export function isInstalled(name: string): boolean {
  return existsSync(join(PACKAGES, name, 'node_modules'));
}

/**
 * Makes an adapter of this workspace importable from the folder, as an installation there would. Adapters are no
 * dependencies of this package: what a user has not installed, the command line must not find either.
 */
export function linkAdapter(folder: string, name: string): void {
  const adapter = join(PACKAGES, name);
  if (!existsSync(join(adapter, 'dist', 'index.js'))) throw new Error(`${name} is not built: pnpm build`);
  const scope = join(folder, 'node_modules', '@outrelay');
  mkdirSync(scope, { recursive: true });
  symlinkSync(adapter, join(scope, name));
}
