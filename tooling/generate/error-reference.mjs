import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const HEAD = `<!-- Generated from packages/core/src/errors.ts by \`pnpm run generate\`; do not edit. -->

# Errors

Every failure that Outrelay reports is an \`OutboxError\` with a stable \`code\`, whether the same call may succeed later
(\`retryable\`), and the original error as its \`cause\`. Recognise it with \`isOutboxError\`, not with \`instanceof\`. Misuse of
an API is a plain \`TypeError\`.
`;

/** @type {import('./generators.mjs').Generator} */
export const errorReference = {
  file: 'docs/errors.md',
  make: async (root) => {
    const core = await import(pathToFileURL(join(root, 'packages/core/dist/index.js')).href);
    /** @type {Record<string, import('@outrelay/core').ErrorCodeEntry>} */
    const codes = core.ERROR_CODES;
    const sections = Object.entries(codes).map(([code, { retryable, meaning, remedy }]) => {
      return `## ${code}\n\n${meaning}\n\n${remedy}\n\nRetryable: ${retryable ? 'yes' : 'no'}.\n`;
    });
    return [HEAD, ...sections].join('\n');
  },
};
