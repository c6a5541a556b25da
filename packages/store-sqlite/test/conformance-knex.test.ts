import { defineStoreConformance } from '@outrelay/conformance';
import { describe, it } from 'vitest';
import { capabilities } from '../src/knex.ts';
import Database from 'better-sqlite3';
import { sqliteHarness } from './support/harness.ts';
import { KnexInstallation } from './support/knex-installation.ts';

const driver = { name: 'better-sqlite3 through knex', driver: Database };
const harness = sqliteHarness(
  driver,
  capabilities,
  (settings, removal) => new KnexInstallation(settings, removal),
);

defineStoreConformance({ describe, it, harness });
