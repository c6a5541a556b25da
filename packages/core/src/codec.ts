import { errorText, OutboxError } from './errors.ts';
import type { Payload } from './message.ts';

/** Turns values into bytes and back, for one media type. */
export interface Codec {
  /** Media type without parameters, for example `application/json`. */
  readonly contentType: string;
  /** Gives bytes or well-formed text; throws when the value cannot be represented. */
  encode(value: unknown): string | Uint8Array;
  decode(payload: string | Uint8Array): unknown;
}

/** Media type of messages that name no other. */
export const JSON_TYPE = 'application/json';
/** Media type of `Uint8Array` payloads that name no other. */
export const BYTES_TYPE = 'application/octet-stream';

/** `application/json`: what `JSON.stringify` writes; well-formed by construction (ECMAScript 2019). */
export const jsonCodec: Codec = {
  contentType: JSON_TYPE,
  encode(value) {
    const text: string | undefined = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`a ${typeof value} has no JSON form`);
    return text;
  },
  decode: (payload) => JSON.parse(payloadText(payload)),
};

/** The payload as text: its UTF-8 bytes decoded, or the string it already is. Throws on bytes that are not UTF-8. */
export function payloadText(payload: string | Uint8Array): string {
  return typeof payload === 'string' ? payload : UTF8.decode(payload);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A payload together with the media type under which it is stored. */
export interface EncodedPayload {
  readonly payload: Payload;
  readonly contentType: string;
}

/**
 * Encodes payloads by media type.
 *
 * - `undefined` and `null` are "no body"; to send the JSON document `null`, send its text with a JSON content type as
 *   a `Uint8Array`.
 * - A `Uint8Array` passes untouched, whatever its media type.
 * - A string of a media type without codec passes as text.
 * - Everything else goes through the codec of its media type; JSON unless another is named.
 */
export class CodecTable {
  readonly #codecs = new Map<string, Codec>([[JSON_TYPE, jsonCodec]]);

  constructor(codecs: readonly Codec[] = []) {
    for (const codec of codecs) this.#codecs.set(mediaType(codec.contentType), codec);
  }

  encode(value: unknown, contentType: string | undefined): EncodedPayload {
    if (value === undefined || value === null)
      return { payload: null, contentType: contentType ?? JSON_TYPE };
    if (value instanceof Uint8Array) return { payload: value, contentType: contentType ?? BYTES_TYPE };
    const type = contentType ?? JSON_TYPE;
    const codec = this.#codecs.get(mediaType(type));
    if (codec !== undefined) return { payload: encodeWith(codec, value), contentType: type };
    if (typeof value !== 'string') {
      throw new OutboxError(
        'MESSAGE_INVALID',
        `No codec is registered for the content type ${JSON.stringify(type)}: pass the payload as a Uint8Array or a string, or add a codec for it to the outbox.`,
      );
    }
    if (!value.isWellFormed()) {
      throw new OutboxError(
        'MESSAGE_INVALID',
        'The text payload holds a lone surrogate, which has no UTF-8 form: pass bytes instead.',
      );
    }
    return { payload: value, contentType: type };
  }

  /** The value of a payload, or the payload itself when its media type has no codec. */
  decode(payload: Payload, contentType: string): unknown {
    if (payload === null) return null;
    const codec = this.#codecs.get(mediaType(contentType));
    return codec === undefined ? payload : codec.decode(payload);
  }
}

function encodeWith(codec: Codec, value: unknown): string | Uint8Array {
  try {
    const payload = codec.encode(value);
    if (payload instanceof Uint8Array || (typeof payload === 'string' && payload.isWellFormed()))
      return payload;
    throw new TypeError('the codec gave neither bytes nor well-formed text');
  } catch (error) {
    throw new OutboxError(
      'MESSAGE_INVALID',
      `The payload cannot be encoded as ${codec.contentType}: ${errorText(error)}.`,
      { cause: error },
    );
  }
}

/** `text/plain; charset=utf-8` → `text/plain`. */
function mediaType(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}
