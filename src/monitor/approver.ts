import type { Approver } from '../ports.js';
import type { MonitorDeps } from './deps.js';
import { hashSecret, newSecret } from './secret.js';

type ApproverDeps = Pick<MonitorDeps, 'store' | 'clock' | 'random'>;

/** Long enough to walk over to another device, short enough that a forgotten note is worth nothing. */
const CODE_LIFETIME_MS = 60 * 60 * 1000;

/** An enrolled browser has to be enrolled again after so long. */
const SESSION_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Adds an approver. Returns the token for the command line and the one-time code that enrols a browser; both are shown once
 * and stored as hashes only.
 *
 * @throws {SealwatchError} `APPROVER_EXISTS`
 */
export async function addApprover(
  name: string,
  by: string,
  deps: ApproverDeps,
): Promise<{ readonly token: string; readonly code: string; readonly codeExpiresAt: string }> {
  const token = newSecret('sealwatch_', deps.random);
  const code = newCode(deps);
  const codeExpiresAt = later(deps, CODE_LIFETIME_MS);
  const at = deps.clock.now().toISOString();
  const hashes = { tokenHash: hashSecret(token), codeHash: hashSecret(normaliseCode(code)) };
  await deps.store.addApprover({ name, ...hashes, codeExpiresAt, at, by });
  return { token, code, codeExpiresAt };
}

/** Returns the approvers, without anything secret. */
export async function listApprovers(deps: ApproverDeps): Promise<readonly Approver[]> {
  return deps.store.listApprovers();
}

/** Returns whose token it is; `undefined` where it is nobody's. */
export async function approverByToken(token: string, deps: ApproverDeps): Promise<string | undefined> {
  return deps.store.findApproverByToken(hashSecret(token));
}

/** Uses up a one-time code. Returns the session for the browser's cookie; `undefined` where the code is not valid (any more). */
export async function enrolBrowser(
  code: string,
  deps: ApproverDeps,
): Promise<{ readonly name: string; readonly session: string; readonly expiresAt: string } | undefined> {
  const session = newSecret('', deps.random);
  const at = deps.clock.now().toISOString();
  const expiresAt = later(deps, SESSION_LIFETIME_MS);
  const hashes = { codeHash: hashSecret(normaliseCode(code)), sessionHash: hashSecret(session) };
  const name = await deps.store.enrolBrowser({ ...hashes, at, expiresAt });
  return name === undefined ? undefined : { name, session, expiresAt };
}

/** Returns whose enrolled browser it is; `undefined` where it is nobody's or expired. */
export async function approverBySession(session: string, deps: ApproverDeps): Promise<string | undefined> {
  return deps.store.findApproverBySession(hashSecret(session), deps.clock.now().toISOString());
}

/** Crockford's base 32: no letter that is taken for a digit. */
const CODE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 80 bits in groups of four, to be typed by hand: `4T7P-0Q2M-9XKD-B3VC`. */
function newCode(deps: ApproverDeps): string {
  const letters = [...deps.random.bytes(16)].map((byte) => CODE_ALPHABET[byte % 32] ?? '');
  return [0, 4, 8, 12].map((start) => letters.slice(start, start + 4).join('')).join('-');
}

function normaliseCode(code: string): string {
  return code
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
}

function later(deps: ApproverDeps, lifetimeMs: number): string {
  return new Date(deps.clock.now().getTime() + lifetimeMs).toISOString();
}
