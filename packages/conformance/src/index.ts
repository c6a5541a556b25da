export { SOURCE_CLAUSES, type SpecifiedClause, STORE_CLAUSES, TRANSPORT_CLAUSES } from './catalogue.ts';
export { CONFORMANCE_USAGE, type ConformanceIo, runConformanceCli } from './entrance/cli.ts';
export {
  type DefineOptions,
  type Describe,
  defineSourceConformance,
  defineStoreConformance,
  defineTransportConformance,
  type It,
} from './entrance/define-conformance.ts';
export type { Deviation, HarnessBase, Restore, Waits } from './harness/harness.ts';
export { shiftDate } from './harness/shift-date.ts';
export type { PlaceRequest, SourceHarness, SourcePlace } from './harness/source-harness.ts';
export type { GroupRequest, KeptRejection, SourcePower, SourcePowers } from './harness/source-powers.ts';
export type {
  ApplicationTransaction,
  OpenRequest,
  StoreHarness,
  StoreInstallation,
} from './harness/store-harness.ts';
export type { PausableVerb, Pause, RawRow, StorePower, StorePowers } from './harness/store-powers.ts';
export type { BrokerAccess, ReceivedMessage, TransportHarness } from './harness/transport-harness.ts';
export type { Provocation, TransportPower, TransportPowers } from './harness/transport-powers.ts';
export type {
  Manifest,
  StoreFacetName,
  StoreManifest,
  TransportFacetName,
  TransportManifest,
} from './manifest.ts';
export { type JsonReport, toJson } from './report/json.ts';
export { type Summary, summarise } from './report/summary.ts';
export { formatReport, formatResult } from './report/text.ts';
export { type ClauseResult, type ClauseStatus, resultName } from './run/result.ts';
export { type Harness, type PlannedClause, planConformance, runConformance } from './run/run-conformance.ts';
export type { RunOptions } from './run/settings.ts';
