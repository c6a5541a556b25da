import { defineStoreConformance } from '@outrelay/conformance';
import { note } from '@outrelay/servers';
import { describe, it } from 'vitest';
import { ABSENT_DRIVERS, DRIVERS } from './support/drivers.ts';
import { sqliteHarness } from './support/harness.ts';

for (const driver of DRIVERS) defineStoreConformance({ describe, it, harness: sqliteHarness(driver) });
for (const name of ABSENT_DRIVERS) {
  note({ kind: 'skip', reason: `${name}: Node.js ${process.versions.node} is too old for it` });
}
