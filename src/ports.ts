import type { ErrorCode } from './errors.js';
import type { Delivery, NewAlert, OutgoingAlert } from './model/alert.js';
import type { AuditEntry, AuditVerdict } from './model/audit.js';
import type { Actor, ChangeRequest, RequestState } from './model/change-request.js';
import type { RefText } from './model/definition.js';
import type { Waiver } from './model/finding.js';
import type { VersionId } from './model/fingerprint.js';
import type { Checked, Transition, Unchecked } from './model/inspection.js';
import type { Neighbour } from './model/neighbour.js';
import type { Observation } from './model/observation.js';
import type { Server } from './model/server.js';
import type { ServerId } from './model/server-id.js';
import type { Baseline, Snapshot } from './model/snapshot.js';

export interface Clock {
  now(): Date;
  /** Milliseconds that only go forward: intervals are measured with it, never with the wall clock. */
  monotonicMs(): number;
}

export interface Random {
  /** Cryptographically strong bytes. */
  bytes(count: number): Uint8Array;
}

/** Talks to servers. */
export interface Observer {
  /**
   * Returns one complete listing over a connection of its own, which is closed again.
   *
   * @throws {SealwatchError} `OBSERVE_…`: the listing could not be had, or not whole.
   */
  observe(server: Server, signal: AbortSignal): Promise<Observation>;
  /**
   * Opens a connection that stays, and calls `onListChanged` when the server announces a change.
   *
   * @throws {SealwatchError} `OBSERVE_…`
   */
  connect(server: Server, onListChanged: () => void, signal: AbortSignal): Promise<ObserverSession>;
}

export interface ObserverSession {
  /** Lists everything anew over this connection. One at a time. @throws {SealwatchError} `OBSERVE_…` */
  observe(signal: AbortSignal): Promise<Observation>;
  /** Whether the server says that it announces changes of its lists. */
  readonly announcesChanges: boolean;
  /** Resolves when the connection has ended, with the reason; never rejects. */
  readonly closed: Promise<{ readonly code: ErrorCode; readonly message: string }>;
  close(): Promise<void>;
}

/** What is known about a server before an inspection. */
export interface Standing {
  /** Goes up with every decision about the server; an inspection that was made from an older one is not recorded. */
  readonly revision: number;
  readonly baseline: Baseline;
  readonly waivers: readonly Waiver[];
  readonly open: ChangeRequest | undefined;
  readonly last: LastCheck | undefined;
  /** The outage that is going on: since when it could not be checked, how often, and the newest reason. */
  readonly outage:
    | { readonly since: string; readonly failures: number; readonly code: ErrorCode; readonly message: string }
    | undefined;
}

/** The newest complete observation. */
export interface LastCheck {
  readonly at: string;
  readonly key: string;
  readonly rawDigest: string;
  readonly snapshotDigest: string;
  /** Complete observations so far. */
  readonly checks: number;
}

/** The little that an unchanged poll needs. */
export interface Stamp {
  /** @see {@link Standing.revision} */
  readonly revision: number;
  /** Goes up when the tool names of any server in the newest snapshots change. */
  readonly surroundings: number;
  /** {@link Checked.key} of the newest evaluation; `undefined` before the first. */
  readonly key: string | undefined;
}

export interface InspectionRecord {
  readonly inspection: Checked;
  /**
   * `observation`: the server was just listed. `decision`: its newest snapshot was evaluated again after somebody decided;
   * this counts as no check, so counters, sightings and the time of the last check stay as they are.
   */
  readonly occasion: 'observation' | 'decision';
  /** @see {@link Standing.revision} */
  readonly expectedRevision: number;
  readonly transition: Transition;
  readonly alerts: readonly NewAlert[];
}

export interface Settlement {
  readonly request: number;
  /** What the person saw: {@link ChangeRequest.digest}. */
  readonly expectedDigest: string;
  readonly decision: 'approve' | 'reject';
  /** Approves only these; the rest is asked for anew. Absent: everything. */
  readonly only?: readonly RefText[];
  readonly actor: Actor;
  readonly at: string;
  readonly comment?: string;
  /** SHA-256, hex, of the link's token, which is used up in the same transaction. */
  readonly link?: string;
}

export interface SeenVersion {
  readonly refText: RefText;
  readonly version: VersionId;
  readonly content: string;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  /** Complete observations that held it. */
  readonly times: number;
  readonly approvals: readonly ApprovalRecord[];
}

export interface ApprovalRecord {
  readonly id: number;
  readonly refText: RefText;
  readonly version: VersionId;
  readonly by: string;
  readonly at: string;
  readonly request: number | undefined;
  readonly endedAt: string | undefined;
  readonly endedBy: string | undefined;
  /** Index of its leaf in the audit log. */
  readonly leaf: number;
}

export interface Link {
  /** SHA-256 of the token, hex: the token itself is never stored. */
  readonly hash: string;
  readonly request: number;
  /** The digest of the change that it was issued for. */
  readonly digest: string;
  readonly recipient: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly usedAt: string | undefined;
}

export interface Approver {
  readonly name: string;
  readonly addedAt: string;
  readonly browsers: number;
}

/**
 * Keeps everything. Every method that writes is one transaction: all of it or nothing.
 *
 * @throws {SealwatchError} every method: `STORE_LOCKED`, `STORE_READ_ONLY`, `STORE_FULL`, `STORE_CORRUPT`, `STORE_FAILED`.
 */
export interface Store {
  /** @throws {SealwatchError} `AUDIT_BROKEN` when an approval stands without its leaf in the log. */
  loadStanding(server: ServerId, vantage: string): Promise<Standing>;
  /** One or two small rows: the cost of an unchanged poll must not grow with the server's surface. */
  loadStamp(server: ServerId, vantage: string): Promise<Stamp>;
  loadNeighbours(except: ServerId): Promise<readonly Neighbour[]>;
  /** The newest snapshot of a server, with its contents; `undefined` where none was ever complete. */
  loadSnapshot(server: ServerId, vantage: string): Promise<Snapshot | undefined>;

  /**
   * Records everything an inspection established. Returns the request that is open afterwards.
   *
   * @throws {SealwatchError} `STORE_CONFLICT` when somebody decided meanwhile: evaluate again.
   */
  record(record: InspectionRecord): Promise<ChangeRequest | undefined>;
  /** Counts one more complete observation with the same key; grows no table. */
  recordUnchanged(server: ServerId, vantage: string, at: string): Promise<void>;
  recordFailure(unchecked: Unchecked, alerts: readonly NewAlert[]): Promise<void>;

  listRequests(filter: {
    readonly states?: readonly RequestState[];
    readonly server?: ServerId;
  }): Promise<readonly ChangeRequest[]>;
  getRequest(id: number): Promise<ChangeRequest | undefined>;
  /** The newest request of a server that asked for exactly this. */
  findRequest(server: ServerId, vantage: string, digest: string): Promise<ChangeRequest | undefined>;
  loadContents(versions: readonly VersionId[]): Promise<ReadonlyMap<VersionId, string>>;
  history(refText: RefText): Promise<readonly SeenVersion[]>;

  /**
   * Approves or rejects, if the request is still what the person saw. A rejected request may still be approved.
   *
   * @throws {SealwatchError} `APPROVAL_STALE` (it drifted on, went back, or asks for something else),
   *   `APPROVAL_SETTLED` (somebody settled it, or the link was used), `NOT_FOUND`.
   */
  settle(settlement: Settlement): Promise<ChangeRequest>;
  /** Ends approvals; the definitions are held from now on. @throws {SealwatchError} `NOT_FOUND` when none is in force. */
  revoke(refTexts: readonly RefText[], actor: Actor, at: string, comment: string): Promise<void>;
  addWaiver(waiver: Waiver, actor: Actor, at: string): Promise<void>;
  /** Writes that somebody was refused, and why. */
  recordRefusal(details: {
    readonly request: number | undefined;
    readonly code: ErrorCode;
    readonly actor: string;
    readonly at: string;
  }): Promise<void>;

  /** Deliveries that are due and not being sent by another process; each is leased until `leaseUntil`. */
  claimDeliveries(now: string, leaseUntil: string, limit: number): Promise<readonly Delivery[]>;
  markDelivered(id: number, at: string): Promise<void>;
  /** `nextAttemptAt` absent: given up, visible as dead. */
  markFailed(
    id: number,
    failure: { readonly message: string; readonly nextAttemptAt: string | undefined },
    alerts: readonly NewAlert[],
  ): Promise<void>;
  countDeliveries(): Promise<{ readonly waiting: number; readonly dead: number }>;

  issueLink(link: Omit<Link, 'usedAt'>): Promise<void>;
  findLink(hash: string): Promise<Link | undefined>;

  /** @throws {SealwatchError} `APPROVER_EXISTS` */
  addApprover(approver: {
    readonly name: string;
    readonly tokenHash: string;
    readonly codeHash: string;
    readonly codeExpiresAt: string;
    readonly at: string;
    readonly by: string;
  }): Promise<void>;
  listApprovers(): Promise<readonly Approver[]>;
  /** Ends the approver's token, codes and browsers. @throws {SealwatchError} `APPROVER_UNKNOWN` */
  removeApprover(name: string, at: string, by: string): Promise<void>;
  /** The approver's name; `undefined` where the token is nobody's. */
  findApproverByToken(tokenHash: string): Promise<string | undefined>;
  /** Uses up a one-time code and keeps the browser's session. Returns the name; `undefined` where the code is unknown, used or expired. */
  enrolBrowser(enrolment: {
    readonly codeHash: string;
    readonly sessionHash: string;
    readonly at: string;
    readonly expiresAt: string;
  }): Promise<string | undefined>;
  findApproverBySession(sessionHash: string, now: string): Promise<string | undefined>;

  /** Records that the configuration, rules or policy are others than before; grows nothing where they are not. */
  noteInputs(inputs: { readonly configuration: string; readonly rules: string }, at: string): Promise<void>;
  auditEntries(range: { readonly from: number; readonly limit: number }): Promise<readonly AuditEntry[]>;
  /** Checks every leaf, the tree, the newest signed checkpoint, and that a given older one is a prefix of the log. */
  verifyAudit(checkpoint?: string): Promise<AuditVerdict>;

  /** Changes when another process has written. */
  dataVersion(): Promise<number>;
  close(): Promise<void>;
}

/** Sends alerts over one channel. */
export interface Notifier {
  readonly channel: string;
  /** Resolves when the channel took the alert. @throws {SealwatchError} `NOTIFY_FAILED` */
  send(alert: OutgoingAlert, signal: AbortSignal): Promise<void>;
}

/** A line of the program's own log; texts from servers are quoted before. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
