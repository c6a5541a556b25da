import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { filterProblems, problemKindInfo } from '@arethetypeswrong/core/problems';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** Everything here is an ES module on purpose: how a package is found by old ways and by CommonJS does not count. */
const RESOLUTIONS = /** @type {const} */ (['node16-esm', 'bundler']);

/**
 * What publint and attw find wrong with a packed package.
 *
 * @param {string} tarball
 * @returns {Promise<string[]>}
 */
export async function tarballProblems(tarball) {
  const bytes = new Uint8Array(readFileSync(tarball));
  return [...(await manifestProblems(bytes.buffer)), ...(await typeProblems(bytes))];
}

/** @param {ArrayBuffer} bytes */
async function manifestProblems(bytes) {
  const { messages, pkg } = await publint({ pack: { tarball: bytes }, level: 'warning', strict: true });
  return messages.map(
    (message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`,
  );
}

/** @param {Uint8Array} bytes */
async function typeProblems(bytes) {
  const analysis = await checkPackage(createPackageFromTarballData(bytes));
  if (analysis.types === false) return ['attw: there are no types in it'];
  const found = RESOLUTIONS.flatMap((resolutionKind) => filterProblems(analysis, { resolutionKind }));
  return [...new Set(found)].map((problem) => {
    // With the steps of a resolution left out, which are many lines long.
    const { kind, trace: _, ...details } = /** @type {typeof problem & { trace?: unknown }} */ (problem);
    const { shortDescription, docsUrl } = problemKindInfo[kind];
    return `attw: ${shortDescription}, ${JSON.stringify(details)}: ${docsUrl}`;
  });
}
