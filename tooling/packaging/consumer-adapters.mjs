// Proves the two adapters of the guides as their authors would: in an empty project with packed packages from outside
// this repository, under vitest, under Node's own runner, and by the command line.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, STATE } from '../bootstrap/paths.mjs';
import { publishedPackages } from '../bootstrap/workspace.mjs';
import { packAll } from './pack.mjs';
import { mustRun, run } from './run.mjs';

/** What no adapter takes on any machine; one that stands still must not keep a release waiting. */
const LIMIT_MS = 600_000;
const PACKED = new Set(['@outrelay/core', '@outrelay/conformance', '@outrelay/cli']);

const packed = packAll(
  publishedPackages().filter(({ name }) => PACKED.has(name)),
  join(STATE, 'adapters', 'tarballs'),
);
const tarballs = Object.fromEntries(
  Object.entries(packed).map(([name, tarball]) => [name, `file:${tarball}`]),
);
const problems = ['custom-store', 'custom-transport'].flatMap(prove);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** @param {string} example */
function prove(example) {
  const project = createProject(example);
  mustRun('pnpm', ['install', '--prefer-offline', '--ignore-scripts', '--no-frozen-lockfile'], project);
  const bin = join(project, 'node_modules', '.bin');
  return [
    ...passes(`${example} under vitest`, join(bin, 'vitest'), ['run'], project, /Tests {2}\d\d+ passed/),
    ...passes(
      `${example} under node --test`,
      process.execPath,
      ['--test', join('test', 'conformance.node.mjs')],
      project,
      /(?:#|ℹ) pass \d\d+/,
    ),
    ...passes(
      `${example} by outrelay conformance`,
      join(bin, 'outrelay'),
      ['conformance', './harness.mjs'],
      project,
      /: conforms\n\d\d+ passed, 0 failed/,
    ),
  ];
}

/**
 * A project with the files of an example, whose packages come from the tarballs and from the registry.
 *
 * @param {string} example
 */
function createProject(example) {
  const [source, project] = [join(ROOT, 'examples', example), join(STATE, 'adapters', example)];
  rmSync(project, { recursive: true, force: true });
  mkdirSync(join(project, 'test'), { recursive: true });
  for (const folder of ['.', 'test']) {
    for (const file of readdirSync(join(source, folder)).filter((name) => name.endsWith('.mjs'))) {
      // The settings of the repository's own test runs are no part of the example.
      if (!file.startsWith('vitest.')) cpSync(join(source, folder, file), join(project, folder, file));
    }
  }
  const { dependencies } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const driver = Object.entries(dependencies).filter(([name]) => !name.startsWith('@outrelay/'));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', 'vitest', 'package.json'), 'utf8'));
  write(project, 'package.json', {
    name: example,
    private: true,
    type: 'module',
    dependencies: { ...Object.fromEntries(driver), ...tarballs, vitest: version },
  });
  // A workspace of its own: pnpm would take the repository's otherwise.
  write(project, 'pnpm-workspace.yaml', { packages: ['.'], overrides: tarballs });
  // Settings of its own, for the same reason: vitest looks upwards for some.
  writeFileSync(join(project, 'vitest.config.mjs'), 'export default {};\n');
  return project;
}

/**
 * @param {string} what
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {RegExp} proof what the output says when something was proven: a run without tests succeeds too
 */
function passes(what, program, args, cwd, proof) {
  const { ok, output } = run(program, args, cwd, LIMIT_MS);
  const proven = ok && proof.test(output);
  console.log(`${proven ? '✓' : '✗'} ${what}`);
  if (proven) return [];
  return [`${what} failed:\n${output.split('\n').slice(-60).join('\n')}`];
}

/**
 * JSON is YAML, so one writer serves both.
 *
 * @param {string} project
 * @param {string} name
 * @param {unknown} content
 */
function write(project, name, content) {
  writeFileSync(join(project, name), `${JSON.stringify(content, null, 2)}\n`);
}
