import { compileBlocks } from '../docs-project.mjs';
import { codeBlocks } from '../markdown.mjs';
import { isGenerated } from '../repository.mjs';

/** @type {import('../run-checks.mjs').Check} */
export const codeInDocs = {
  name: 'code in documents compiles',
  run: ({ root, files, read }) => {
    const blocks = files
      .filter((file) => file.endsWith('.md') && !isGenerated(file))
      .flatMap((file) => codeBlocks(read(file)).map((block) => ({ file, ...block })))
      .filter(({ info }) => info === 'ts');
    return compileBlocks(root, blocks);
  },
};
