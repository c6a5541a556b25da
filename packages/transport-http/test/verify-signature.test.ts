import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { readSigningKey, signedContent } from '../src/signature.ts';
import { verifySignature } from '../src/verify-signature.ts';

const SECRET = `whsec_${randomBytes(24).toString('base64')}`;
const OTHER = `whsec_${randomBytes(64).toString('base64')}`;
const NOW = 1_800_000_000_000;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const WHSK = `whsk_${privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('base64')}`;
const WHPK = `whpk_${publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')}`;
const BODY = Buffer.from([0, 0xff, 0x80, 1]);

function signed(secrets: readonly string[], body: Buffer = BODY, nowMs = NOW): Record<string, string> {
  const timestamp = String(nowMs / 1000);
  const content = signedContent('msg_1', timestamp, body);
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => readSigningKey(secret, 'secret').sign(content)).join(' '),
  };
}

describe('verifySignature', () => {
  it.each([
    ['a secret', [SECRET], SECRET],
    ['the first of two while the sender rotates', [SECRET, OTHER], SECRET],
    ['the second of two', [SECRET, OTHER], OTHER],
    ['one of the secrets of the receiver', [OTHER], [SECRET, OTHER]],
    ['a public key', [WHSK], WHPK],
    ['either kind', [SECRET, WHSK], [WHPK]],
  ])('accepts %s', (_what, sender, receiver) => {
    expect(() => verifySignature(signed(sender), BODY, receiver, { nowMs: NOW })).not.toThrow();
  });

  it('accepts what the reference library signs', () => {
    const at = new Date();
    const body = '{"a":"ü"}';
    const signature = new Webhook(SECRET).sign('msg_1', at, body);
    const headers = new Headers({
      'Webhook-Id': 'msg_1',
      'Webhook-Timestamp': String(Math.floor(at.getTime() / 1000)),
      'Webhook-Signature': `v2,AAAA ${signature}`,
    });
    expect(() => verifySignature(headers, body, SECRET)).not.toThrow();
  });

  it.each([
    ['another body', {}, Buffer.from([0, 0xff, 0x80]), SECRET],
    ['another id', { 'webhook-id': 'msg_2' }, BODY, SECRET],
    ['another timestamp', { 'webhook-timestamp': String(NOW / 1000 + 1) }, BODY, SECRET],
    ['another secret', {}, BODY, OTHER],
    ['a secret of the other kind', {}, BODY, WHPK],
    ['a signature under another version', { 'webhook-signature': 'v1a,AAAA' }, BODY, SECRET],
    ['a signature of another length', { 'webhook-signature': 'v1,AAAA' }, BODY, SECRET],
    ['an Ed25519 signature of another length', { 'webhook-signature': 'v1a,AAAA' }, BODY, WHPK],
    ['no comma', { 'webhook-signature': 'v1' }, BODY, SECRET],
    ['no signature', { 'webhook-signature': '' }, BODY, SECRET],
    ['no id', { 'webhook-id': '' }, BODY, SECRET],
    ['no timestamp', { 'webhook-timestamp': '' }, BODY, SECRET],
    ['a timestamp that is no number', { 'webhook-timestamp': `${NOW / 1000}x` }, BODY, SECRET],
  ])('refuses %s', (_what, headers, body, secret) => {
    const check = (): void =>
      verifySignature({ ...signed([SECRET]), ...headers }, body, secret, { nowMs: NOW });
    expect(check).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
  });

  it('refuses a request from too long ago or too far ahead', () => {
    const headers = signed([SECRET]);
    const at = (nowMs: number, toleranceMs?: number) => () =>
      verifySignature(headers, BODY, SECRET, { nowMs, toleranceMs });
    expect(at(NOW + 300_000)).not.toThrow();
    expect(at(NOW - 300_000)).not.toThrow();
    expect(at(NOW + 300_001)).toThrow('webhook-timestamp');
    expect(at(NOW - 300_001)).toThrow('webhook-timestamp');
    expect(at(NOW + 1_001, 1_000)).toThrow('webhook-timestamp');
  });

  it.each([[[]], ['secret'], [WHSK], [[SECRET, '']], [`whpk_${randomBytes(31).toString('base64')}`]])(
    'takes %j for misuse, not for a wrong signature',
    (secrets) => {
      expect(() => verifySignature(signed([SECRET]), BODY, secrets, { nowMs: NOW })).toThrow(TypeError);
    },
  );

  it('refuses options it does not know', () => {
    const options = { tolerance: 5 } as object;
    expect(() => verifySignature(signed([SECRET]), BODY, SECRET, options)).toThrow(
      'has no option "tolerance"',
    );
  });
});
