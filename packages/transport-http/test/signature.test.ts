import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { readSigningKey, signedContent } from '../src/signature.ts';

const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

describe('an HMAC key', () => {
  it('signs like the reference library', () => {
    const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    const body = '{"test": 2432232314, "ü": "😀"}';
    const at = new Date(1_614_265_330_000);
    const content = signedContent(id, '1614265330', Buffer.from(body));
    expect(readSigningKey(SECRET, 'secret').sign(content)).toBe(new Webhook(SECRET).sign(id, at, body));
  });

  it.each([24, 64])('takes a secret of %i bytes', (length) => {
    const secret = `whsec_${randomBytes(length).toString('base64')}`;
    expect(readSigningKey(secret, 'secret').sign(Buffer.from('a'))).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  });
});

describe('an Ed25519 key', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const open = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);

  it.each([
    ['32 bytes', seed],
    ['64 bytes, the public key behind', Buffer.concat([seed, open])],
  ])('signs with %s', (_what, bytes) => {
    const content = signedContent('a', '1', randomBytes(100));
    const signature = readSigningKey(`whsk_${bytes.toString('base64')}`, 'secret').sign(content);
    expect(signature).toMatch(/^v1a,/);
    expect(
      verify(
        null,
        content,
        createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })),
        Buffer.from(signature.slice(4), 'base64'),
      ),
    ).toBe(true);
  });

  it('refuses two halves that do not belong together', () => {
    const wrong = Buffer.concat([seed, randomBytes(32)]).toString('base64');
    expect(() => readSigningKey(`whsk_${wrong}`, 'secret')).toThrow('do not belong together');
  });
});

describe('readSigningKey', () => {
  it.each([
    ['no prefix', 'C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
    ['a public key', `whpk_${randomBytes(32).toString('base64')}`],
    ['an HMAC secret that is too short', `whsec_${randomBytes(23).toString('base64')}`],
    ['an HMAC secret that is too long', `whsec_${randomBytes(65).toString('base64')}`],
    ['an Ed25519 key of another length', `whsk_${randomBytes(33).toString('base64')}`],
    ['what is not base64', 'whsec_so!secret'],
    ['nothing behind the prefix', 'whsec_'],
  ])('refuses %s without showing it', (_what, secret) => {
    let thrown: unknown;
    try {
      readSigningKey(secret, 'option "secret"');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    const { message } = thrown as TypeError;
    expect(message).toContain('option "secret"');
    const behind = secret.replace(/^wh[a-z]+_/, '');
    expect(behind !== '' && message.includes(behind)).toBe(false);
  });

  it.each([undefined, null, 7, {}, Buffer.from(SECRET)])('refuses %j, which is no text', (secret) => {
    expect(() => readSigningKey(secret, 'x')).toThrow(TypeError);
  });
});
