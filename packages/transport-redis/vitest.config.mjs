import { preset } from '../../tooling/vitest/preset.mjs';

/** The whole suite runs on both versions of ioredis that the package supports. */
export default {
  test: {
    ...preset.test,
    projects: [
      { extends: true, test: { name: 'ioredis 6' } },
      { extends: true, test: { name: 'ioredis 5' }, resolve: { alias: { ioredis: 'ioredis-5' } } },
    ],
  },
};
