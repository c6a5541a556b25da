import { pathToFileURL } from 'node:url';
import { errorText } from '@outrelay/core';
import { UsageError } from '../usage-error.ts';
import { installLine } from './install-line.ts';
import { isMissing, resolvePackage } from './resolve-package.ts';
import type { AdapterPackage } from './schemes.ts';

/** What every adapter package exports for the command line. */
export interface AdapterModule {
  /** Builds the adapter that a URL describes; `options` are further options of it, as texts. */
  fromUrl(url: string, options?: Readonly<Record<string, string>>): unknown;
}

/**
 * Loads an adapter package from the person's project, else from beside the command line itself.
 *
 * Throws a `UsageError` with the line that installs what is missing.
 */
export async function importAdapter(adapter: AdapterPackage, cwd: string): Promise<AdapterModule> {
  const { name, driver } = adapter;
  const file = resolvePackage(name, cwd);
  if (file === null) {
    const packages = driver === null ? [name] : [name, driver];
    throw new UsageError(`The package ${name} is not installed here.`, {
      advice: `Install it: ${installLine(packages, cwd)}`,
    });
  }
  const loaded = await importFile(adapter, file, cwd);
  if (typeof loaded.fromUrl !== 'function') {
    throw new UsageError(`The installed ${name} cannot be used by URL: it is older than this command line.`, {
      advice: `Upgrade it: ${installLine([`${name}@latest`], cwd)}`,
    });
  }
  return loaded as AdapterModule;
}

async function importFile(
  { name, driver }: AdapterPackage,
  file: string,
  cwd: string,
): Promise<Partial<AdapterModule>> {
  try {
    return (await import(pathToFileURL(file).href)) as Partial<AdapterModule>;
  } catch (error) {
    const missing = driver !== null && isMissing(error) && errorText(error).includes(`'${driver}'`);
    if (!missing) throw error;
    throw new UsageError(`${name} needs the driver ${driver}, which is not installed here.`, {
      advice: `Install it: ${installLine([driver], cwd)}`,
      cause: error,
    });
  }
}
