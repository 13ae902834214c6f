import type { ErrorCode } from '../errors.js';

/** Returns what a person can do about an error, in one line; `undefined` where the message says it all. */
export function remedyFor(code: ErrorCode): string | undefined {
  return REMEDIES[code];
}

const REMEDIES: Readonly<Partial<Record<ErrorCode, string>>> = {
  CONFIG_NOT_FOUND: 'run `sealwatch init` to write one, or name it with --config FILE',
  CONFIG_INVALID: '`sealwatch config schema` prints what is allowed',
  CONNECT_NOT_ALLOWED: 'if it may be used, add it to policy.allowlist',
  TLS_PIN_MISMATCH:
    '`sealwatch pins SERVER` prints the keys that it has now; ask its owner, by another way, before you change "pins"',
  SECRET_SEALED:
    'put the former key back (SEALWATCH_KEY, SEALWATCH_KEY_COMMAND, or vault.key in the state directory), or run `sealwatch logout SERVER` and sign in again',
  TLS_CERTIFICATE: 'if its authority is one of your own, name it in "ca"; otherwise tell the owner of the server',
  PACKAGE_NOT_APPROVED: 'run `sealwatch scan`, look at what it found, and approve it',
  PACKAGE_NOT_TRIED:
    'a server that needs the network, files or variables to start cannot be tried in isolation: write "trial: plain" into its "package" if its first start may be like any other; `sealwatch provenance SERVER` says what it is',
  LOCK_MISSING: 'run `sealwatch lock`, read what it wrote, and commit it; or name another one with --lock FILE',
  LOCK_INVALID: 'do not mend it by hand: run `sealwatch lock` again, and read what it changes',
  REQUEST_OPEN: 'decide it first: `sealwatch pending` lists what is asked now',
  DUMP_INVALID: '`sealwatch lock --dump FILE` writes one',
  STORE_MISSING:
    'run `sealwatch init` to create it; if there was one, look for it first: without it nothing is approved',
  STORE_LOCKED: 'another process is writing; try again',
  STORE_NEWER: 'it was written by a newer Sealwatch: use that version',
  STORE_CORRUPT: 'restore the state directory from a backup; do not mend it by hand',
  AUDIT_BROKEN: '`sealwatch audit verify` says what is wrong; restore the state directory from a backup',
  APPROVAL_STALE: '`sealwatch pending` lists what is asked now',
  APPROVAL_SETTLED: '`sealwatch pending` lists what is asked now',
  APPROVER_TOKEN_MISSING:
    'run it at a terminal, or set SEALWATCH_APPROVER_TOKEN to the token that `sealwatch approver add` printed',
  APPROVER_UNKNOWN: '`sealwatch approver list` lists who may approve',
  REF_INVALID: 'write server/tool-name, or server/kind/name; `sealwatch show SERVER` lists them',
  USAGE: 'add --help for the options and examples',
  INTERNAL: 'this is a mistake in Sealwatch; SEALWATCH_DEBUG=1 shows where',
};
