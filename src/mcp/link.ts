import type { JsonObject, JsonValue } from '../model/json.js';
import type { ShownCertificate } from '../model/tls.js';

/** A message that we send. */
export interface OutgoingMessage {
  readonly jsonrpc: '2.0';
  readonly id?: JsonValue;
  readonly method?: string;
  readonly params?: JsonObject;
  readonly result?: JsonObject;
  readonly error?: { readonly code: number; readonly message: string };
}

/** Carries JSON-RPC messages to one server and back, without looking into them. */
export interface Link {
  /** @throws {SealwatchError} `OBSERVE_…` where the message could not be delivered. */
  send(message: OutgoingMessage): Promise<void>;
  /** Nobody waits for the answer to this request any more: a connection that is open for it alone ends. */
  end?(id: JsonValue, why: 'answered' | 'called-off'): void;
  /** Tells the transport what was negotiated: HTTP carries it in a header. */
  useRevision(revision: string): Promise<void>;
  /** Ends the connection and everything that it started; never rejects. */
  close(): Promise<void>;
}

/** What a link hands up. */
export interface Receiver {
  /** One message, and its size as received. @throws {SealwatchError} `JSON_SYNTAX`, `JSON_REPEATED_MEMBER` */
  receive(text: string, bytes: number): void;
  /** Something that is no message, where a server may print by mistake. */
  receiveStray(text: string): void;
  /** The server ended the answer to this request without giving one. */
  receiveNothing(id: JsonValue, reason: Error): void;
  /** The server of an encrypted connection showed this certificate. */
  receiveCertificate(shown: ShownCertificate): void;
}
