import { ROOT } from '../bootstrap/paths.mjs';
import { workspacePackages } from '../bootstrap/workspace.mjs';
import { preset } from './preset.mjs';

const { globalSetup: _, ...settings } = preset.test;
const here = process.cwd();

/**
 * The parts of suites that need no server: of one package in its directory, of all packages in the root. In one run, and
 * with modules loaded once for all files of a process, because loading them takes longer than most tests do.
 */
export default {
  test: {
    ...settings,
    isolate: false,
    projects: workspacePackages()
      .filter(({ scripts }) => scripts['test:unit'] !== undefined)
      .filter(({ directory }) => here === ROOT || here === directory)
      .map(({ short, directory, beyondUnits }) => ({
        extends: true,
        root: directory,
        test: { name: short, exclude: beyondUnits },
      })),
  },
};
