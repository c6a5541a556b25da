export type {
  AddressMap,
  ClusterSettings,
  ConnectionSettings,
  RedisClient,
  RedisCluster,
  RedisConnection,
  Reply,
} from './client.ts';
export type {
  AccessOptions,
  Address,
  ClusterOptions,
  ConnectOptions,
  NodeOptions,
  SentinelOptions,
} from './connect-options.ts';
export type { RedisTransportOptions } from './options.ts';
export {
  type EntryFields,
  type FieldValue,
  parseStreamEntry,
  type ReceivedMessage,
} from './parse-stream-entry.ts';
export type { WaitAofOptions, WaitOptions } from './proof.ts';
export { redisSource, sourceCapabilities } from './source.ts';
export type { RedisSourceOptions } from './source-options.ts';
export type { StreamOption } from './streams.ts';
export { capabilities, redisTransport } from './transport.ts';
export { fromUrl } from './url.ts';
