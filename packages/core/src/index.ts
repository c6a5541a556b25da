export * from './capabilities.ts';
export { type Clock, type Random, systemClock, systemRandom } from './clock.ts';
export {
  type CloudEventAttributes,
  cloudEventAttributes,
  cloudEventJson,
  isJsonType,
} from './cloud-event.ts';
export {
  BYTES_TYPE,
  type Codec,
  CodecTable,
  type EncodedPayload,
  JSON_TYPE,
  jsonCodec,
  payloadText,
} from './codec.ts';
export {
  type Consumer,
  type ConsumerStopOptions,
  type ConsumerStopReport,
  createConsumer,
} from './consumer/consumer.ts';
export type * from './consumer/events.ts';
export type { ConsumerOptions } from './consumer/options.ts';
export type { Handler } from './consumer/receiver.ts';
export {
  type BadFinding,
  clockFinding,
  type Complaint,
  type DiagnosisFacet,
  type ExamineRequest,
  type Finding,
  fault,
  type GoodFinding,
  good,
  warning,
} from './diagnosis.ts';
export {
  ERROR_CODES,
  type ErrorCodeEntry,
  errorText,
  isOutboxError,
  OutboxError,
  type OutboxErrorCode,
  type OutboxErrorOptions,
} from './errors.ts';
export type * from './events.ts';
export type * from './facets.ts';
export { guardSource } from './guard/guard-source.ts';
export { guardStore } from './guard/guard-store.ts';
export { guardTransport } from './guard/guard-transport.ts';
export {
  type BatchReceived,
  createInbox,
  type DeliveredMessage,
  type Delivery,
  type Inbox,
  type InboxHandler,
  type InboxOptions,
  type Received,
} from './inbox.ts';
export { CAUSATION_HEADER, CORRELATION_HEADER } from './lineage.ts';
export type * from './log/log-facet.ts';
export type { PushOptions } from './log/push-options.ts';
export { pushStore } from './log/push-store.ts';
export {
  type ClaimedMessage,
  deduplicationId,
  type Headers,
  type Message,
  type MessageContent,
  type NewMessage,
  type Payload,
  payloadBytes,
} from './message.ts';
export {
  type Appended,
  createOutbox,
  type Outbox,
  type OutboxOptions,
  type TopicMap,
  type TopicName,
  type TopicOptions,
  type TypedMessage,
  topicTypes,
} from './outbox.ts';
export type { OutboxMessage } from './outbox-message.ts';
export type * from './parking.ts';
export type { BreakerOptions } from './relay/breaker.ts';
export type { BatchOptions, PollOptions, RelayOptions } from './relay/options.ts';
export type { TopicPolicyOptions } from './relay/policy.ts';
export {
  createRelay,
  type DrainOptions,
  type DrainReport,
  type Relay,
  type StopOptions,
  type StopReport,
} from './relay/relay.ts';
export type { RetryOptions } from './relay/retry-policy.ts';
export {
  any,
  boolean,
  describe,
  integer,
  number,
  type OptionCheck,
  oneOf,
  optionalFunction,
  readOptions,
  record,
  type Settings,
  text,
} from './settings.ts';
export type * from './source.ts';
export type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts';
export type * from './store.ts';
export { ALL_TOPICS, matchingTopics, namedTopics, type TopicFilter, TopicTable } from './topics.ts';
export {
  ACCEPTED,
  type ConnectivityFacet,
  DUPLICATE,
  type PublishResult,
  type Transport,
  WITHHELD,
} from './transport.ts';
export { uuidv7 } from './uuid.ts';
