import type { Context } from 'hono';

import { codeOf, type ErrorCode, messageOf } from '../../errors.js';
import { quote } from '../../quote.js';
import type { Site } from '../site.js';

/** Statuses with which an operation refuses by itself. */
export type Refusal = 403 | 404 | 409 | 413 | 415;

/** Every status of an error. */
export type ErrorStatus = Refusal | 400 | 401 | 429 | 500 | 503;

/** Why something was not done, in our own words. */
export interface Refused {
  readonly status: ErrorStatus;
  readonly code: string;
  readonly message: string;
  /** JSON Pointer to the mistake in the input. */
  readonly path?: string;
}

/** Answers with an error in the documented shape. */
export function refuse(context: Context, { status, code, message, path }: Refused): Response {
  return context.json({ error: { code, message, ...(path === undefined ? {} : { path }) } }, status);
}

/**
 * Answers with what an error means. Messages of refusals are in our own words with texts from outside quoted; what broke inside
 * may name a path, and is for the log of the service only.
 */
export function answerError(context: Context, error: unknown, { deps }: Pick<Site, 'deps'>): Response {
  const code = codeOf(error);
  const status = STATUS_OF[code] ?? 500;
  if (status !== 500 && status !== 503) return refuse(context, { status, code, message: messageOf(error) });
  deps.logger.error(`API: ${code}: ${quote(messageOf(error))}`);
  if (status === 503) context.header('Retry-After', '1');
  return refuse(context, { status, code, message: status === 503 ? BUSY : BROKEN });
}

const BUSY = 'the store is busy; ask again in a moment to see what holds';
const BROKEN = 'it failed inside Sealwatch; the log of the service says more';

/** What is not named here is an inner failure, also a new one until somebody says otherwise. */
const STATUS_OF: Partial<Readonly<Record<ErrorCode, ErrorStatus>>> = {
  REF_INVALID: 400,
  SERVER_ID_INVALID: 400,
  FORBIDDEN: 403,
  APPROVAL_REFUSED: 403,
  APPROVAL_SAME_PERSON: 403,
  NOT_FOUND: 404,
  APPROVAL_STALE: 409,
  APPROVAL_SETTLED: 409,
  STORE_LOCKED: 503,
  STORE_CONFLICT: 503,
};
