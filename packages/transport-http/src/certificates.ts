import { X509Certificate } from 'node:crypto';
import * as tls from 'node:tls';
import { describe } from '@outrelay/core';

/**
 * The certificates to trust: the process's default ones and the given; `undefined` for the default ones alone.
 *
 * Before Node 22.15 the default ones are those that Node ships with: `NODE_EXTRA_CA_CERTS` cannot be read back there,
 * so its certificates have to be given as well.
 */
export function trusted(ca: unknown): string[] | undefined {
  if (ca === undefined) return undefined;
  const given: unknown[] = Array.isArray(ca) ? ca : [ca];
  return [...defaultCertificates(), ...given.map(readCertificate)];
}

function defaultCertificates(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => readonly string[] };
  return getCACertificates === undefined ? tls.rootCertificates : getCACertificates('default');
}

/** OpenSSL ignores what is no certificate, and the failure would show as one of verification, at the first request. */
function readCertificate(pem: unknown): string {
  try {
    void new X509Certificate(pem as string);
    return pem as string;
  } catch {
    throw new TypeError(
      `httpTransport: option "ca" must hold certificates in PEM ("-----BEGIN CERTIFICATE-----"); got ${describe(pem)}.`,
    );
  }
}
