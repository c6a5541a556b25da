// Compares the public API of every package with their committed reports, `api/*.api.md`; with --update it rewrites them.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { publishedPackages } from '../bootstrap/workspace.mjs';
import { entryPoints } from './entry-points.mjs';

const NOTICES = new Set(['console-compiler-version-notice', 'console-preamble']);

const update = process.argv.includes('--update');
const places = publishedPackages().flatMap(({ directory }) =>
  entryPoints(directory).map((entryPoint) => ({ directory, ...entryPoint })),
);
const configs = places.map(configOf);
const [first] = configs;
if (first === undefined) throw new Error('There is no package to report on.');
// One program for all: most of what a report takes is reading the declarations of the language and of the drivers.
const compilerState = CompilerState.create(first, {
  additionalEntryPoints: places.map(({ types }) => types),
});
const differ = configs.filter((config) => !reportApi(config));
if (differ.length > 0 && !update)
  console.error('Run `pnpm run api:update`, and look at what changed before you commit it.');
process.exitCode = differ.length > 0 ? 1 : 0;

/**
 * @param {import('./entry-points.mjs').EntryPoint & { directory: string }} place
 * @returns {ExtractorConfig}
 */
function configOf({ directory, title, types }) {
  const reportFolder = join(directory, 'api');
  mkdirSync(reportFolder, { recursive: true });
  return ExtractorConfig.prepare({
    packageJsonFullPath: join(directory, 'package.json'),
    configObjectFullPath: join(directory, 'api-extractor.json'),
    configObject: {
      projectFolder: directory,
      mainEntryPointFilePath: types,
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: join(directory, 'tsconfig.build.json') },
      apiReport: {
        enabled: true,
        reportFileName: `${title}.api.md`,
        reportFolder,
        reportTempFolder: join(directory, 'node_modules', '.api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        // Docstrings are judged by people; this is about names and types, and about types that nobody can name.
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          'ae-undocumented': { logLevel: ExtractorLogLevel.None },
          'ae-unresolved-link': { logLevel: ExtractorLogLevel.None },
        },
      },
    },
  });
}

/**
 * @param {ExtractorConfig} config
 * @returns {boolean} whether the report is as committed, or could be written
 */
function reportApi(config) {
  const result = Extractor.invoke(config, {
    localBuild: update,
    compilerState,
    messageCallback: (message) => {
      // Two notices come with every run: a preamble, and that the compiler here is newer than the tool's own.
      if (NOTICES.has(message.messageId)) message.logLevel = ExtractorLogLevel.None;
    },
  });
  return result.succeeded && (update || !result.apiReportChanged);
}
