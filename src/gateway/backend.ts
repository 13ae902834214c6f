import type { Lifeline } from '../mcp/lifeline.js';
import type { Subject } from '../model/access.js';
import type { JsonObject } from '../model/json.js';
import type { Access } from '../policy/may-call.js';
import type { Introduction } from './client-message.js';
import type { GatewayError } from './errors.js';

/** What a request of a client comes to; texts are JSON. */
export type Outcome =
  | { readonly kind: 'result'; readonly text: string }
  /** `scopes` are those of a token with which it would pass. */
  | { readonly kind: 'refusal'; readonly error: GatewayError; readonly scopes?: readonly string[] | undefined };

/** What a client talks to: one server, or several as one. */
export interface Backend {
  /** Connects, as whoever asks first. @throws {SealwatchError} `OBSERVE_…`, `CONNECT_…`, `TLS_…`, `OAUTH_…` */
  open(introduction: Introduction): Promise<void>;
  readonly isOpen: boolean;
  /** Whether somebody may talk to it at all: who may not does not even hear what it says of itself. */
  admits(subject: Subject): Access;
  /** The `result` of `initialize`. */
  greet(asked: string | undefined, subject: Subject): Promise<string>;
  /** The `result` of `server/discover`. */
  discover(subject: Subject): Promise<string>;
  /** @throws {SealwatchError} where it cannot be told whether it may pass: it does not. */
  answer(method: string, params: JsonObject, context: AnswerContext): Promise<Outcome>;
  notify(method: string, params: JsonObject): Promise<void>;
  /** Takes the client's answer to a request of a server. */
  answered(message: JsonObject): void;
  close(): Promise<void>;
}

export interface AnswerContext {
  /** Ends when the client calls the request off. */
  readonly life: Lifeline;
  /** Who asks. */
  readonly subject: Subject;
  /** Of the whole message. */
  readonly bytes: number;
  /** Whether the client speaks 2026-07-28. */
  readonly isModern: boolean;
}
