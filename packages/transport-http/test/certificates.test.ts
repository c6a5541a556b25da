import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { trusted } from '../src/certificates.ts';
import { makeCertificate } from './support/certificate.ts';

describe('trusted', () => {
  const { cert } = makeCertificate(['localhost']);

  it('leaves the default certificates alone when none are given', () => {
    expect(trusted(undefined)).toBeUndefined();
  });

  it('adds the given certificates to the default ones', () => {
    const all = trusted([cert]);
    expect(all?.at(-1)).toBe(cert);
    expect(all).toEqual(expect.arrayContaining([...rootCertificates].slice(0, 3)));
    expect(trusted(cert)).toEqual(all);
  });

  it.each([['nonsense'], [''], [7], [null], [['nonsense']]])(
    'refuses %j, which is no certificate',
    (value) => {
      expect(() => trusted(value)).toThrow(/option "ca" must hold certificates in PEM/);
    },
  );
});
