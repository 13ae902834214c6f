import { messageOf, SealwatchError } from '../errors.js';
import { quote } from '../quote.js';

/** An `OBSERVE_HTTP_STATUS` that knows its status: some mean that another transport may work, or that a token may. */
export class HttpStatusError extends SealwatchError {
  constructor(
    message: string,
    readonly status: number,
    /** `WWW-Authenticate`, as the server sent it. */
    readonly challenge?: string,
  ) {
    super('OBSERVE_HTTP_STATUS', message);
  }
}

/** Returns the error for a request that got no whole answer. */
export function connectError(error: unknown): SealwatchError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof SealwatchError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const text = messageOf(cause);
  const refused = tlsError(code, text, cause);
  if (refused !== undefined) return refused;
  return new SealwatchError('OBSERVE_CONNECT_FAILED', `the connection failed: ${quote(text === '' ? code : text)}`, {
    cause: error,
  });
}

/** What Node and OpenSSL say of a certificate that does not hold, and of versions that the two sides do not share. */
const CERTIFICATE =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/;
const VERSION = /unsupported protocol|protocol version|no protocols available|version too low/i;

function tlsError(code: string, text: string, cause: unknown): SealwatchError | undefined {
  if (CERTIFICATE.test(code))
    return new SealwatchError('TLS_CERTIFICATE', `the certificate of the server is not valid: ${quote(text)}`, {
      cause,
    });
  if (!VERSION.test(text)) return undefined;
  return new SealwatchError('TLS_VERSION', `the server offers no version of TLS that is allowed: ${quote(text, 160)}`, {
    cause,
  });
}

/** What is needed of an answer to say what is wrong with it. */
export interface Answered {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** Returns the error for an answer with an error status, with what to do about it. */
export function statusError(response: Answered, body: Buffer): SealwatchError {
  const { status, headers } = response;
  const text = body.toString('utf8').trim();
  const said = text === '' ? '' : `: ${quote(text, 120)}`;
  const message = `the server answered HTTP ${status}${said}${remedyFor(status)}`;
  return new HttpStatusError(message, status, headers.get('www-authenticate') ?? undefined);
}

function remedyFor(status: number): string {
  if (status === 401)
    return '; sign in to it ("oauth: true", then `sealwatch login`), or add what it asks for to "headers"';
  if (status === 403) return '; check the rights of the token in "headers"';
  return status === 404 ? '; check "url"' : '';
}
