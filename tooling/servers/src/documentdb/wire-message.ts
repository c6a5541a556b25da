import { BSON } from 'mongodb';

/** A document with the types of BSON left as they are, so that what is passed on is what came. */
export type WireDocument = Record<string, unknown>;

/** One request of a driver. */
export interface WireRequest {
  readonly requestId: number;
  /** `'query'` is the form of the very first request of a connection, before both sides know OP_MSG. */
  readonly form: 'message' | 'query';
  readonly body: WireDocument;
  /** What follows the body as a sequence of documents, unparsed: `documents`, `updates` or `deletes`. */
  readonly sequence: Buffer | null;
  /** The client does not wait for a reply. */
  readonly silent: boolean;
}

/** Operation codes, see https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
const OP_REPLY = 1;
const OP_QUERY = 2_004;
const OP_MSG = 2_013;
const HEADER_BYTES = 16;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;

/** Parses without turning numbers, dates or bytes into JavaScript's. */
export function parseDocument(bytes: Uint8Array): WireDocument {
  return BSON.deserialize(bytes, { promoteValues: false, promoteLongs: false, promoteBuffers: false });
}

/** Cuts the first whole message off a buffer; `null` when more bytes have to come. */
export function splitMessage(buffer: Buffer): { readonly message: Buffer; readonly rest: Buffer } | null {
  if (buffer.length < HEADER_BYTES) return null;
  const length = buffer.readInt32LE(0);
  if (length < HEADER_BYTES) throw new RangeError(`a message of ${length} bytes`);
  return buffer.length < length
    ? null
    : { message: buffer.subarray(0, length), rest: buffer.subarray(length) };
}

/** Reads a whole message. */
export function readRequest(message: Buffer): WireRequest {
  const requestId = message.readInt32LE(4);
  const operation = message.readInt32LE(12);
  if (operation === OP_MSG) return { requestId, form: 'message', ...readSections(message) };
  if (operation === OP_QUERY) {
    const nameEnd = message.indexOf(0, 20);
    const body = parseDocument(message.subarray(nameEnd + 9));
    return { requestId, form: 'query', body, sequence: null, silent: false };
  }
  throw new RangeError(`operation ${operation} is not spoken here`);
}

function readSections(message: Buffer): Pick<WireRequest, 'body' | 'sequence' | 'silent'> {
  const flags = message.readInt32LE(16);
  const end = message.length - ((flags & CHECKSUM_PRESENT) === 0 ? 0 : 4);
  let body: WireDocument | null = null;
  let sequence: Buffer | null = null;
  for (let at = 20; at < end; ) {
    const kind = message[at];
    const length = message.readInt32LE(at + 1);
    const section = message.subarray(at + 1, at + 1 + length);
    if (kind === 0) body = parseDocument(section);
    else sequence = section.subarray(section.indexOf(0, 4) + 1);
    at += 1 + length;
  }
  if (body === null) throw new RangeError('a message without a body');
  return { body, sequence, silent: (flags & MORE_TO_COME) !== 0 };
}

/** Writes the reply to a request; `reply` is BSON. */
export function writeReply({ requestId, form }: WireRequest, reply: Uint8Array): Buffer {
  const prefix = form === 'message' ? messagePrefix() : replyPrefix();
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + prefix.length + reply.length, 0);
  header.writeInt32LE(requestId, 8);
  header.writeInt32LE(form === 'message' ? OP_MSG : OP_REPLY, 12);
  return Buffer.concat([header, prefix, reply]);
}

/** No flags, and one section of the kind "body". */
function messagePrefix(): Buffer {
  return Buffer.alloc(5);
}

/** Flags (able to wait), cursor, first document, and how many documents follow. */
function replyPrefix(): Buffer {
  const prefix = Buffer.alloc(20);
  prefix.writeInt32LE(8, 0);
  prefix.writeInt32LE(1, 16);
  return prefix;
}
