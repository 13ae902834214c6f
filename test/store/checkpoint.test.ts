import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import {
  isSignedBy,
  parseCheckpoint,
  parseVerifierKey,
  signCheckpoint,
  verifierKey,
} from '../../src/store/checkpoint.js';

/** The first test key of RFC 8032, section 7.1. */
const PRIVATE = createPrivateKey({
  key: Buffer.from(
    '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'hex',
  ),
  format: 'der',
  type: 'pkcs8',
});
const PUBLIC = createPublicKey(PRIVATE);
const ROOT = Buffer.alloc(32, 7);
const NOTE = signCheckpoint({ origin: 'sealwatch/test', size: 42, root: ROOT }, PRIVATE, PUBLIC);

describe('a signed checkpoint', () => {
  test('has the lines of a C2SP checkpoint, and nothing else', () => {
    expect(NOTE).toMatch(
      /^sealwatch\/test\n42\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n\n— sealwatch\/test [A-Za-z0-9+/]{91}=\n$/,
    );
  });

  test('is signed as a C2SP signed note: the key hash, then Ed25519 over the text with its last line feed', () => {
    const [text, signatures] = NOTE.split('\n\n');
    const blob = Buffer.from(signatures!.trim().split(' ')[2]!, 'base64');
    const key = PUBLIC.export({ type: 'spki', format: 'der' }).subarray(-32);
    const hash = createHash('sha256')
      .update(Buffer.concat([Buffer.from('sealwatch/test\n'), Buffer.from([1]), key]))
      .digest();
    expect(blob.subarray(0, 4)).toEqual(hash.subarray(0, 4));
    expect(verify(null, Buffer.from(`${text}\n`), PUBLIC, blob.subarray(4))).toBe(true);
    expect(blob.length).toBe(68);
  });

  test('comes back from its text', () => {
    expect(parseCheckpoint(NOTE)).toEqual({ origin: 'sealwatch/test', size: 42, root: ROOT });
    expect(isSignedBy(NOTE, PUBLIC)).toBe(true);
  });

  test.each([
    ['another size', NOTE.replace('\n42\n', '\n43\n')],
    ['another root', NOTE.replace('\nBw', '\nCw')],
    ['another log', NOTE.replaceAll('sealwatch/test', 'sealwatch/tess')],
    ['another signature', NOTE.replace(/(.)=\n$/, (_, last: string) => `${last === 'A' ? 'Q' : 'A'}=\n`)],
    ['a signature under another name', NOTE.replace('— sealwatch/test', '— somebody')],
  ])('does not hold for %s', (_, note) => {
    expect(isSignedBy(note, PUBLIC)).toBe(false);
  });

  test('does not hold for another key', () => {
    expect(isSignedBy(NOTE, generateKeyPairSync('ed25519').publicKey)).toBe(false);
  });

  test('may carry the signatures of witnesses too', () => {
    expect(isSignedBy(`${NOTE}— witness AAAAAAAA\n`, PUBLIC)).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['a number that is negative', NOTE.replace('\n42\n', '\n-1\n')],
    ['a number with a leading zero', NOTE.replace('\n42\n', '\n042\n')],
    ['a number beyond what is exact', NOTE.replace('\n42\n', '\n9007199254740993\n')],
    ['a root that is too short', NOTE.replace('BwcH', '')],
    ['no signature', NOTE.slice(0, NOTE.indexOf('—'))],
    ['no last line feed', NOTE.trimEnd()],
    ['carriage returns', NOTE.replaceAll('\n', '\r\n')],
    ['a text in front', `x\n${NOTE}`],
    ['two of them', NOTE + NOTE],
  ])('is not one: %s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_INVALID' }));
  });
});

describe('a verifier key', () => {
  test('has the form of signed-note, and comes back from it', () => {
    const text = verifierKey('sealwatch/test', PUBLIC);
    expect(text).toBe('sealwatch/test+b610e098+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea');
    expect(parseVerifierKey(text)?.origin).toBe('sealwatch/test');
    expect(parseVerifierKey(text)?.publicKey.equals(PUBLIC)).toBe(true);
  });

  test.each(['', 'x', 'sealwatch/test+00000000+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea'])(
    'is not one: %j',
    (text) => {
      expect(parseVerifierKey(text)).toBeUndefined();
    },
  );
});
