// Compares the public API of packages with their committed reports, `api/*.api.md`; with --update it rewrites them.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { entryPoints } from './entry-points.mjs';

const NOTICES = new Set(['console-compiler-version-notice', 'console-preamble']);

const argv = process.argv.slice(2);
const update = argv.includes('--update');
const directories = argv.filter((argument) => !argument.startsWith('--'));
let differ = false;

for (const directory of directories.length === 0 ? ['.'] : directories) {
  for (const entryPoint of entryPoints(resolve(directory))) {
    differ = !reportApi(resolve(directory), entryPoint) || differ;
  }
}
if (differ && !update)
  console.error('Run `pnpm run api:update`, and look at what changed before you commit it.');
process.exitCode = differ ? 1 : 0;

/**
 * @param {string} directory
 * @param {import('./entry-points.mjs').EntryPoint} entryPoint
 * @returns {boolean} whether the report is as committed, or could be written
 */
function reportApi(directory, { title, types }) {
  const reportFolder = join(directory, 'api');
  mkdirSync(reportFolder, { recursive: true });
  const config = ExtractorConfig.prepare({
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
  const result = Extractor.invoke(config, {
    localBuild: update,
    messageCallback: (message) => {
      // Two notices come with every run: a preamble, and that the compiler here is newer than the tool's own.
      if (NOTICES.has(message.messageId)) message.logLevel = ExtractorLogLevel.None;
    },
  });
  return result.succeeded && (update || !result.apiReportChanged);
}
