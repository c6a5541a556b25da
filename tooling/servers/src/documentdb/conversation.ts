import { BSON } from 'mongodb';
import { CommandFailure } from './command-failure.ts';
import type { WireDocument } from './wire-message.ts';

/** What the bridge says of itself, as the primary of a replica set of one. */
export interface Introduction {
  readonly address: string;
  /** `null` poses as a server that is in no replica set. */
  readonly setName: string | null;
  readonly version: string;
}

const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** MongoDB 7.0. */
const WIRE_VERSION = 21;

/** The reply to `hello`, and to `isMaster` as it was called before. */
export function helloReply({ address, setName }: Introduction, connectionId: number): WireDocument {
  const set =
    setName === null
      ? {}
      : { setName, setVersion: 1, hosts: [address], primary: address, me: address, secondary: false };
  return {
    helloOk: true,
    isWritablePrimary: true,
    ismaster: true,
    ...set,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

/** Answers a command that concerns no data; `null` when it is none of those. */
export function conversationReply(name: string, body: WireDocument, self: Introduction): WireDocument | null {
  switch (name) {
    case 'ping':
    case 'endSessions':
      return { ok: 1 };
    case 'buildInfo':
    case 'buildinfo':
      return { version: '7.0.0', documentdb: self.version, modules: [], ok: 1 };
    case 'saslStart':
      throw new CommandFailure(
        18,
        'AuthenticationFailed',
        'The bridge knows no users: leave them out of the URL.',
      );
    case 'killCursors':
      return {
        cursorsKilled: body['cursors'],
        cursorsNotFound: [],
        cursorsAlive: [],
        cursorsUnknown: [],
        ok: 1,
      };
    default:
      return null;
  }
}

/** The id of a session as text. */
export function sessionName(lsid: unknown): string {
  const { id } = lsid as { id: { buffer: Uint8Array } };
  return Buffer.from(id.buffer).toString('hex');
}

/** Serialises a reply. */
export function serialized(reply: WireDocument): Uint8Array {
  return BSON.serialize(reply);
}
