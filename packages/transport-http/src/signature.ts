import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

/** Headers of Standard Webhooks 1.0, as Node spells them. */
export const ID_HEADER = 'webhook-id';
/** See {@link ID_HEADER}: seconds since the epoch at the attempt, not at the event. */
export const TIMESTAMP_HEADER = 'webhook-timestamp';
/** See {@link ID_HEADER}: one signature per secret, separated by spaces, so that receivers can rotate theirs. */
export const SIGNATURE_HEADER = 'webhook-signature';

/** A key that signs the requests of a transport. */
export interface SigningKey {
  /** The signature of the content, with its version, for example `v1,…`. */
  sign(content: Buffer): string;
}

/**
 * Reads a Standard Webhooks signing secret: `whsec_` and 24 to 64 bytes in base64 (HMAC-SHA256, version `v1`), or
 * `whsk_` and an Ed25519 secret key in base64, as 32 bytes or as 64 with the public key behind (version `v1a`).
 *
 * Throws a `TypeError` that does not hold the secret.
 */
export function readSigningKey(secret: unknown, name: string): SigningKey {
  const [kind, bytes] = readKey(secret);
  if (kind === 'whsec') {
    const key = hmacSecret(bytes, name);
    return { sign: (content) => `v1,${hmac(key, content).toString('base64')}` };
  }
  if (kind === 'whsk') {
    const key = privateKey(bytes, name);
    return { sign: (content) => `v1a,${sign(null, content, key).toString('base64')}` };
  }
  throw new TypeError(`${name} must begin with "whsec_" (HMAC) or "whsk_" (Ed25519), base64 behind it.`);
}

/** What is signed: the id, the timestamp and the body exactly as they are sent, separated by full stops. */
export function signedContent(id: string, timestamp: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
}

/** The HMAC-SHA256 of version `v1`. */
export function hmac(secret: Buffer, content: Buffer): Buffer {
  return createHmac('sha256', secret).update(content).digest();
}

/** Splits a serialised key at its prefix; the kind is `null` when it is none or what follows is not base64. */
export function readKey(secret: unknown): readonly [kind: string | null, bytes: Buffer] {
  const match = typeof secret === 'string' ? SERIALISED.exec(secret) : null;
  const [, kind, base64] = match ?? [];
  if (kind === undefined || base64 === undefined) return [null, Buffer.alloc(0)];
  return [kind, Buffer.from(base64, 'base64')];
}

/** The bytes of a `whsec_` secret, whose length the standard bounds. */
export function hmacSecret(bytes: Buffer, name: string): Buffer {
  if (bytes.length >= 24 && bytes.length <= 64) return bytes;
  throw new TypeError(`${name} must hold 24 to 64 bytes in base64 after "whsec_"; got ${bytes.length}.`);
}

const SERIALISED = /^(whsec|whsk|whpk)_([A-Za-z0-9+/]+={0,2})$/;
/** What stands in front of the 32 bytes of an Ed25519 secret key in PKCS #8 (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const ED25519_BYTES = 32;

function privateKey(bytes: Buffer, name: string): KeyObject {
  if (bytes.length !== ED25519_BYTES && bytes.length !== 2 * ED25519_BYTES) {
    throw new TypeError(`${name} must hold 32 or 64 bytes in base64 after "whsk_"; got ${bytes.length}.`);
  }
  const seed = bytes.subarray(0, ED25519_BYTES);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const given = bytes.subarray(ED25519_BYTES);
  const derived = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-ED25519_BYTES);
  if (given.length > 0 && !given.equals(derived)) {
    throw new TypeError(`${name} holds a secret key and a public key that do not belong together.`);
  }
  return key;
}
