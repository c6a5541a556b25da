import { preset } from '../../../../tooling/vitest/preset.mjs';

/** Runs every clause against every mutant, which takes its time, and writes down what it finds. */
export default { test: { ...preset.test, include: ['record/*.record.ts'] } };
