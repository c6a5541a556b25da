import type { MigrationStep, SchemaFacet } from '@outrelay/core';
import type { FullLab } from './full-lab.ts';

const STEPS: readonly MigrationStep[] = [
  { version: 1, name: 'messages', statements: ['create messages'] },
  { version: 2, name: 'dead letters', statements: ['create dead letters', 'create receipts'] },
];

/** Installs the outbox of a lab. */
export function schemaFacet(lab: FullLab): SchemaFacet {
  const missing = (): readonly MigrationStep[] => (lab.installed ? [] : STEPS);
  return {
    status: () =>
      lab.gates.pass('status', async () => ({
        installed: lab.installed ? STEPS.length : 0,
        latest: STEPS.length,
        compatible: true,
        drift: [...lab.drift],
      })),
    plan: () => lab.gates.pass('plan', async () => missing()),
    apply: () =>
      lab.gates.pass('apply', async () => {
        const steps = missing();
        lab.installed = true;
        return steps;
      }),
    remove: () => lab.gates.pass('remove', async () => lab.clear()),
  };
}
