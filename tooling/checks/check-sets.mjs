import { codeInDocs } from './rules/code-in-docs.mjs';
import { decisions } from './rules/decisions.mjs';
import { generatedFiles } from './rules/generated-files.mjs';
import { glossary } from './rules/glossary.mjs';
import { licences } from './rules/licences.mjs';
import { links } from './rules/links.mjs';
import { localPaths } from './rules/local-paths.mjs';
import { lockFile } from './rules/lock-file.mjs';
import { manifests } from './rules/manifests.mjs';
import { marks } from './rules/marks.mjs';
import { versions } from './rules/versions.mjs';
import {
  adapters,
  apiReports,
  build,
  consumer,
  format,
  lint,
  packages,
  size,
  unitTests,
  unused,
} from './tools.mjs';

/** Rules of this repository that no common tool knows. */
const repository = [
  marks,
  localPaths,
  lockFile,
  glossary,
  manifests,
  versions,
  licences,
  links,
  decisions,
  generatedFiles,
  codeInDocs,
];

/** Checks that run no test. Most programs among them use one core: those stand side by side. */
const still = [format, build, lint, [apiReports, packages], [unused, ...repository]];

/**
 * The sets of checks by name: `all` is what a change must pass, `untested` the same after all suites have run, and
 * `release` what is too slow for every change.
 *
 * @type {Readonly<Record<string, readonly import('./run-checks.mjs').Step[]>>}
 */
export const CHECK_SETS = {
  all: [...still, unitTests],
  untested: still,
  repository: [build, ...repository],
  release: [build, consumer, adapters, size],
};
