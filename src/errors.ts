/**
 * Every code that an error of this program can carry. Codes are part of the interface: they are printed,
 * stored and matched on, so one is never renamed.
 */
export const ERROR_CODES = [
  // strict JSON
  'JSON_SYNTAX',
  'JSON_ENCODING',
  'JSON_TOO_DEEP',
  'JSON_TOO_LARGE',
  'JSON_REPEATED_MEMBER',
  'JSON_NUMBER_RANGE',
  // vocabulary
  'SERVER_ID_INVALID',
  'REF_INVALID',
  'FINGERPRINT_INVALID',
  'MASK_INVALID',
  // rules
  'RULE_INVALID',
  // configuration
  'CONFIG_NOT_FOUND',
  'CONFIG_UNREADABLE',
  'CONFIG_INVALID',
  'CONFIG_VARIABLE_MISSING',
  'CONFIG_EXISTS',
  // lock
  'LOCK_MISSING',
  'LOCK_INVALID',
  'DUMP_INVALID',
  'REQUEST_OPEN',
  // talking to servers
  'OBSERVE_START_FAILED',
  'OBSERVE_EXITED',
  'OBSERVE_TIMEOUT',
  'OBSERVE_CONNECT_FAILED',
  'OBSERVE_HTTP_STATUS',
  'OBSERVE_REDIRECT',
  'OBSERVE_NOT_JSON_RPC',
  'OBSERVE_MESSAGE_TOO_LARGE',
  'OBSERVE_LISTING_TOO_LARGE',
  'OBSERVE_TOO_MANY_DEFINITIONS',
  'OBSERVE_TOO_MANY_PAGES',
  'OBSERVE_CURSOR_LOOP',
  'OBSERVE_SHAPE',
  'OBSERVE_SERVER_ERROR',
  'OBSERVE_PROTOCOL',
  'OBSERVE_CHANGED_WHILE_LISTING',
  'OBSERVE_CLOSED',
  'OBSERVE_ABORTED',
  // refusing to talk to a server
  'CONNECT_NOT_ALLOWED',
  'CONNECT_PRIVATE_ADDRESS',
  'TLS_CERTIFICATE',
  'TLS_VERSION',
  'TLS_PIN_MISMATCH',
  // leaving a server alone that fails
  'CIRCUIT_OPEN',
  // signing in to a server
  'OAUTH_LOGIN_NEEDED',
  'OAUTH_UNSAFE',
  'OAUTH_FAILED',
  'SECRET_KEY_INVALID',
  'SECRET_SEALED',
  // looking at what a server is made of
  'PACKAGE_UNREADABLE',
  'PACKAGE_UNREACHED',
  'PACKAGE_NOT_APPROVED',
  'PACKAGE_NOT_INSTALLED',
  'PACKAGE_NOT_TRIED',
  // store
  'STORE_MISSING',
  'STORE_EXISTS',
  'STORE_LOCKED',
  'STORE_READ_ONLY',
  'STORE_CORRUPT',
  'STORE_NEWER',
  'STORE_FULL',
  'STORE_CONFLICT',
  'STORE_FAILED',
  'AUDIT_BROKEN',
  'AUDIT_KEY_MISSING',
  'CHECKPOINT_INVALID',
  // deciding
  'APPROVAL_STALE',
  'APPROVAL_SETTLED',
  'APPROVAL_REFUSED',
  'APPROVAL_SAME_PERSON',
  'APPROVER_UNKNOWN',
  'APPROVER_EXISTS',
  'APPROVER_TOKEN_MISSING',
  'NOT_FOUND',
  'API_TOKEN_EXISTS',
  'SIGN_IN_FAILED',
  'FORBIDDEN',
  // channels
  'NOTIFY_FAILED',
  // asking a model
  'JUDGE_FAILED',
  // the service
  'SERVICE_RUNNING',
  'SERVE_FAILED',
  // command line
  'USAGE',
  'INTERRUPTED',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * The one error this program throws when an answer could not be had.
 *
 * The message says what failed and with what value, in lower case without a full stop. Text from a server
 * stands in it only after `quote()`.
 */
export class SealwatchError extends Error {
  override readonly name = 'SealwatchError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Returns the code of an error, `INTERNAL` where it is not one of ours. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof SealwatchError ? error.code : 'INTERNAL';
}

/** Returns the message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
