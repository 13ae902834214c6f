import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

import { SealwatchError } from '../errors.js';
import { quote } from '../quote.js';

/** A signed statement that a log had this size with this root hash. */
export interface Checkpoint {
  /** Names the log; also the name of its key. */
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/**
 * Returns a checkpoint as a signed note: C2SP tlog-checkpoint in a C2SP signed-note, with one Ed25519 signature.
 */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject, publicKey: KeyObject): string {
  const text = noteText(checkpoint);
  const signature = sign(null, Buffer.from(text), privateKey);
  const blob = Buffer.concat([keyHash(checkpoint.origin, publicKey), signature]);
  return `${text}\n— ${checkpoint.origin} ${blob.toString('base64')}\n`;
}

/**
 * Returns what a signed note says, without looking at its signature.
 *
 * @throws {SealwatchError} `CHECKPOINT_INVALID`
 */
export function parseCheckpoint(note: string): Checkpoint {
  const [, origin, size, root] = NOTE.exec(note) ?? [];
  if (origin === undefined || size === undefined || root === undefined) {
    throw new SealwatchError('CHECKPOINT_INVALID', `not a checkpoint of an audit log: ${quote(note, 80)}`);
  }
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}

/** Returns whether the note has a signature of this key over exactly what it says. */
export function isSignedBy(note: string, publicKey: KeyObject): boolean {
  const checkpoint = parseCheckpoint(note);
  const expected = keyHash(checkpoint.origin, publicKey);
  return signaturesOf(note, checkpoint.origin).some(
    (blob) =>
      blob.subarray(0, KEY_HASH_BYTES).equals(expected) &&
      verify(null, Buffer.from(noteText(checkpoint)), publicKey, blob.subarray(KEY_HASH_BYTES)),
  );
}

/** Returns a public key in the form that signed-note tools read: `name+hash+base64(0x01 || key)`. */
export function verifierKey(origin: string, publicKey: KeyObject): string {
  const key = Buffer.concat([ED25519, rawKey(publicKey)]).toString('base64');
  return `${origin}+${keyHash(origin, publicKey).toString('hex')}+${key}`;
}

/**
 * Returns the log's name and the key of a {@link verifierKey}; `undefined` where the text is none.
 */
export function parseVerifierKey(text: string): { readonly origin: string; readonly publicKey: KeyObject } | undefined {
  const [, origin, key] = /^([^\s+]+)\+[0-9a-f]{8}\+([A-Za-z0-9+/]{44})\s*$/.exec(text) ?? [];
  if (origin === undefined || key === undefined) return undefined;
  const raw = Buffer.from(key, 'base64').subarray(ED25519.length);
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  });
  return verifierKey(origin, publicKey) === text.trim() ? { origin, publicKey } : undefined;
}

/** Sizes have no sign and no leading zero; up to 15 digits are exact in a double. */
const NOTE = /^([^\s+]+)\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\n\n(?:— [^\n]+\n)+$/;

/** Type 0x01 of signed-note: Ed25519. */
const ED25519 = Buffer.from([1]);

const KEY_HASH_BYTES = 4;

function noteText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

function signaturesOf(note: string, name: string): readonly Buffer[] {
  const lines = note.slice(note.indexOf('\n\n') + 2).split('\n');
  const prefix = `— ${name} `;
  return lines
    .filter((line) => line.startsWith(prefix))
    .map((line) => Buffer.from(line.slice(prefix.length), 'base64'));
}

function keyHash(name: string, publicKey: KeyObject): Buffer {
  const hash = createHash('sha256').update(`${name}\n`).update(ED25519).update(rawKey(publicKey));
  return hash.digest().subarray(0, KEY_HASH_BYTES);
}

/** The last 32 bytes of an Ed25519 SubjectPublicKeyInfo are the key (RFC 8410, section 4). */
function rawKey(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
}
