import { createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import { integer, readOptions } from '@outrelay/core';
import { invalidSignature } from './errors.ts';
import { type HttpHeaders, headerReader } from './headers.ts';
import {
  hmac,
  hmacSecret,
  ID_HEADER,
  readKey,
  SIGNATURE_HEADER,
  signedContent,
  TIMESTAMP_HEADER,
} from './signature.ts';

/** How a signature is checked. */
export interface VerifyOptions {
  /** How far the timestamp of the attempt may lie from now, in milliseconds, either way. Default: 5 minutes. */
  readonly toleranceMs?: number | undefined;
  /** The time to compare with, in milliseconds since the epoch. Default: the clock of the process. */
  readonly nowMs?: number | undefined;
}

/**
 * Checks the Standard Webhooks signature of a request and returns when one of its signatures fits one of the secrets.
 *
 * The signature covers `webhook-id`, `webhook-timestamp` and the body. In the binary format the attributes of the
 * event travel in other headers, which it does not cover.
 *
 * @param body - the bytes of the request as they came; a body that was parsed and written again does not fit
 * @param secrets - `whsec_…` secrets and `whpk_…` public keys; several while the sender changes its secret
 * @throws OutboxError `SIGNATURE_INVALID` when a header is missing, the timestamp is too far off or no signature fits;
 * `TypeError` for a secret that is none
 */
export function verifySignature(
  headers: HttpHeaders,
  body: string | Uint8Array,
  secrets: string | readonly string[],
  options: VerifyOptions = {},
): void {
  const { toleranceMs, nowMs } = readOptions('verifySignature', options, {
    toleranceMs: integer(300_000, 0, Number.MAX_SAFE_INTEGER),
    nowMs: integer(Date.now(), 0, Number.MAX_SAFE_INTEGER),
  });
  const keys = readVerifyingKeys(secrets);
  const header = headerReader(headers);
  const id = header(ID_HEADER);
  const timestamp = header(TIMESTAMP_HEADER);
  const signatures = header(SIGNATURE_HEADER);
  if (!id || !timestamp || !signatures) {
    throw invalidSignature(`it lacks ${ID_HEADER}, ${TIMESTAMP_HEADER} or ${SIGNATURE_HEADER}`);
  }
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Number(timestamp) * 1000 - nowMs) > toleranceMs) {
    throw invalidSignature(`its ${TIMESTAMP_HEADER} is not within ${toleranceMs} ms of now`);
  }
  const content = signedContent(id, timestamp, typeof body === 'string' ? Buffer.from(body) : body);
  const candidates = signatures.split(' ').map(readSignature);
  if (!candidates.some(([version, signature]) => keys.some((key) => key.fits(version, signature, content)))) {
    throw invalidSignature(`no signature in its ${SIGNATURE_HEADER} fits a secret`);
  }
}

interface VerifyingKey {
  fits(version: string, signature: Buffer, content: Buffer): boolean;
}

function readVerifyingKeys(secrets: string | readonly string[]): readonly VerifyingKey[] {
  const keys = (Array.isArray(secrets) ? secrets : [secrets]).map(readVerifyingKey);
  if (keys.length === 0) throw new TypeError('Expected at least one secret to verify with; got none.');
  return keys;
}

function readVerifyingKey(secret: unknown): VerifyingKey {
  const [kind, bytes] = readKey(secret);
  if (kind === 'whsec') {
    const key = hmacSecret(bytes, 'A secret to verify with');
    return {
      fits: (version, signature, content) =>
        version === 'v1' && signature.length === 32 && timingSafeEqual(signature, hmac(key, content)),
    };
  }
  if (kind === 'whpk' && bytes.length === 32) {
    const key = publicKey(bytes);
    return {
      fits: (version, signature, content) => version === 'v1a' && verify(null, content, key, signature),
    };
  }
  throw new TypeError(
    'Expected a secret to verify with: "whsec_" and 24 to 64 bytes, or "whpk_" and the 32 bytes of an Ed25519 public key, in base64.',
  );
}

/** What stands in front of the 32 bytes of an Ed25519 public key in SubjectPublicKeyInfo (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

function publicKey(bytes: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: 'der', type: 'spki' });
}

function readSignature(text: string): readonly [version: string, signature: Buffer] {
  const comma = text.indexOf(',');
  return [text.slice(0, comma), Buffer.from(text.slice(comma + 1), 'base64')];
}
