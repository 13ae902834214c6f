import type { VersionId } from './fingerprint.js';
import type { ServerId } from './server-id.js';

/** What a person is asked before a tool is called. */
export interface ConsentAsked {
  /** Random: it names the page, and decides nothing. */
  readonly id: string;
  readonly server: ServerId;
  readonly tool: string;
  /** The approved version; `undefined` where none is. */
  readonly version: VersionId | undefined;
  /** This one call, or every call of this version in the session. */
  readonly covers: 'call' | 'session';
  /** Names the client's conversation. */
  readonly session: string;
  /** Who calls: see `Subject`. */
  readonly subject: string;
  /** {@link Principal.id} of whoever calls; `undefined` where nobody can tell. */
  readonly person: string | undefined;
  /** The client as it calls itself, quoted. */
  readonly client: string | undefined;
  /** SHA-256, hex, over all that the answer is bound to, with the exact arguments where it covers one call. */
  readonly binding: string;
  /** JSON text of the arguments, without what is kept secret. */
  readonly parameters: string;
  /** ISO 8601 */
  readonly askedAt: string;
  /** After this nobody can answer, and an answer counts no more. ISO 8601 */
  readonly expiresAt: string;
}

/** A question, and what became of it. */
export interface Consent extends ConsentAsked {
  /** `used`: it was given, and the call was made. */
  readonly state: 'waiting' | 'given' | 'refused' | 'used';
  /** {@link actorText} of the person. */
  readonly decidedBy: string | undefined;
  readonly decidedAt: string | undefined;
}
