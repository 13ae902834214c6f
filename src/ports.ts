import type { ErrorCode } from './errors.js';
import type { Delivery, DeliveryRecord, NewAlert, OutgoingAlert } from './model/alert.js';
import type { AuditEntry, AuditType, AuditVerdict } from './model/audit.js';
import type { CallAnswered, CallAsked, CallFilter, CallLogVerdict, CallRecord } from './model/call.js';
import type { Actor, ChangeRequest, Comment, RequestState } from './model/change-request.js';
import type { CallView } from './model/call-limits.js';
import type { Consent, ConsentAsked } from './model/consent.js';
import type { CheckedOutput } from './model/checked-output.js';
import type { Definition, RefText } from './model/definition.js';
import type { Finding, Waiver } from './model/finding.js';
import type { VersionId } from './model/fingerprint.js';
import type { Checked, Transition, Unchecked } from './model/inspection.js';
import type { JsonObject, JsonValue } from './model/json.js';
import type { Judgement, Verdict } from './model/judgement.js';
import type { Neighbour } from './model/neighbour.js';
import type { Observation } from './model/observation.js';
import type { Grant, Principal } from './model/principal.js';
import type { Launch, Server } from './model/server.js';
import type { ServerId } from './model/server-id.js';
import type { ApiToken } from './model/session.js';
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

/** Says what servers are made of. */
export interface Packages {
  /**
   * Returns what is approved of the package that a server is started from; `undefined` where nothing is started.
   *
   * @throws {SealwatchError} `PACKAGE_UNREACHED`: it could not be told.
   */
  describe(server: Server, signal: AbortSignal): Promise<JsonObject | undefined>;
  /**
   * Returns what is started in place of the command of a server that runs what is approved; `undefined` where a server is started as its
   * configuration says.
   *
   * @throws {SealwatchError} `PACKAGE_…`: nothing may be started.
   */
  readonly prepare?: Prepare;
  /** Returns the {@link PreparedStart.key} of what would be started now, without looking at what is installed. */
  readonly keyNow?: (server: Server, signal: AbortSignal) => Promise<string | undefined>;
}

/** See {@link Packages.prepare}. */
export type Prepare = (server: Server, signal: AbortSignal) => Promise<PreparedStart | undefined>;

/** A start of a package from our own folder. */
export interface PreparedStart {
  /** Another one where something else is to be started. */
  readonly key: string;
  readonly launch: Launch;
  /** A command that names the one version: what the allowlist is asked about. */
  readonly named: Launch;
  /** What is approved of it, or is to be. */
  readonly recorded: JsonObject;
  /** Nobody has approved it. */
  readonly isTrial?: true;
  /** What whoever reads the outcome should know. */
  readonly remark?: string;
  /** What is started where this one, which nobody has approved, does not start; `why` is told to whoever approves. */
  readonly orElse?: (why: string) => PreparedStart;
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

/** Looks for attacks in what servers declare. */
export interface Scanner {
  /** `sha256:<hex>` over rules and model: equal digests find the same in the same text. */
  readonly digest: string;
  /**
   * Returns what is found in a snapshot; `neighbours` are the other servers' tools.
   *
   * Never rejects for what a server wrote: what could not be scanned, in time or at all, is a finding itself.
   */
  scan(snapshot: Snapshot, neighbours: readonly Neighbour[]): Promise<readonly Finding[]>;
}

/** Looks for instructions, ways out and secrets in what tools return. */
export interface OutputChecker {
  /** `length` is that of the result as JSON text. Never rejects for what a server wrote: what could not be read is a finding. */
  check(result: JsonValue, length: number): Promise<CheckedOutput>;
}

/** A model that is asked for a second opinion. */
export interface Judge {
  readonly model: string;
  /** `sha256:<hex>` over all that makes its answers others: the endpoint, the model, the question. */
  readonly digest: string;
  /** Definitions that are asked about with one look at a server at most. */
  readonly callsPerCheck: number;
  /** @throws {SealwatchError} `JUDGE_FAILED`: it could not be asked, or did not answer as it has to. */
  judge(definition: Definition, signal: AbortSignal): Promise<Verdict>;
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
   * this counts as no check, so counters, sightings and the time of the last check stay as they are. `import`: a file says so, and
   * nobody saw the server: a request is all that comes of it, whatever a policy would approve.
   */
  readonly occasion: 'observation' | 'decision' | 'import';
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
  /** Different persons that an approval needs; with fewer the request stays open, endorsed. */
  readonly persons: 1 | 2;
}

/** When a server was last checked, and whether it can be. */
export interface ServerCheck {
  readonly server: ServerId;
  readonly vantage: string;
  readonly last: LastCheck | undefined;
  readonly outage: Standing['outage'];
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

/** Keeps secrets so that whoever reads the store reads none of them. */
export interface Vault {
  /** @throws {SealwatchError} `SECRET_SEALED`: it was sealed with another key, or changed. */
  load(name: string): Promise<string | undefined>;
  /** Replaces what is kept under the name; `undefined` keeps nothing. */
  save(name: string, text: string | undefined): Promise<void>;
  /**
   * Does something while nobody else does so under the name, in whichever process.
   *
   * @throws {SealwatchError} `OAUTH_FAILED` where somebody else does not come to an end.
   */
  alone<Result>(name: string, action: () => Promise<Result>): Promise<Result>;
}

/**
 * Keeps what clients called through the gateway, each entry a leaf of a signed tree.
 *
 * @throws {SealwatchError} every method: `STORE_…`; `AUDIT_BROKEN` where it is not the log that was written.
 */
export interface CallLog {
  /** Returns the number of the entry when it is written: then the call may be made. */
  asked(call: CallAsked): Promise<number>;
  /** Resolves when it is written: then the client may have the answer. */
  answered(call: number, answer: CallAnswered): Promise<void>;
  /** Newest first, from the entry before `before` on. */
  search(filter: CallFilter & { readonly before?: number; readonly limit: number }): Promise<readonly CallRecord[]>;
  /** Removes what is older than a moment (ISO 8601), and the oldest beyond a size; returns how many entries. */
  forget(beyond: { readonly before: string; readonly maxBytes: number }): Promise<number>;
  /** Checks every entry, the tree, and the newest signed checkpoint; never throws `AUDIT_BROKEN`. */
  verify(): Promise<CallLogVerdict>;
  /**
   * Lets another log begin where this one is gone, and writes to the audit log who says so. Returns whether one was missed.
   *
   * @throws {SealwatchError} `STORE_EXISTS` where there is something of it
   */
  giveUp(actor: string): Promise<boolean>;
  close(): Promise<void>;
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

  /** What a judge ({@link Judge.digest}) said of texts ({@link Judgement.text}); those that it was not asked about are left out. */
  loadJudgements(judge: string, texts: readonly string[]): Promise<ReadonlyMap<string, Verdict>>;
  saveJudgements(judge: string, judgements: readonly Judgement[]): Promise<void>;

  /** The names of all secrets. */
  listSealed(): Promise<readonly string[]>;
  /** A secret as {@link Vault} sealed it. */
  loadSealed(name: string): Promise<string | undefined>;
  /** Replaces what is kept under the name; `undefined` keeps nothing. */
  saveSealed(name: string, text: string | undefined, at: string): Promise<void>;

  /** Oldest first. */
  listRequests(filter: {
    readonly states?: readonly RequestState[];
    readonly server?: ServerId;
    /** Opened at or after this moment, ISO 8601. */
    readonly openedSince?: string;
    /** Only so many, the newest. */
    readonly newest?: number;
  }): Promise<readonly ChangeRequest[]>;
  getRequest(id: number): Promise<ChangeRequest | undefined>;
  /** The newest request of a server that asked for exactly this. */
  findRequest(server: ServerId, vantage: string, digest: string): Promise<ChangeRequest | undefined>;
  loadContents(versions: readonly VersionId[]): Promise<ReadonlyMap<VersionId, string>>;
  history(refText: RefText): Promise<readonly SeenVersion[]>;
  /** Every version of every definition of one server that was ever seen, in the order of reference and time. */
  historyOf(server: ServerId): Promise<readonly SeenVersion[]>;
  /** Every server that was ever looked at, also those that are not configured any more. */
  listChecks(): Promise<readonly ServerCheck[]>;

  /** Notes that a person looked at exactly this change; again is no other note. */
  noteOpened(opened: {
    readonly request: number;
    readonly digest: string;
    readonly person: string;
    readonly at: string;
  }): Promise<void>;
  /** The digests that a person looked at, among these requests. */
  findOpened(person: string, requests: readonly number[]): Promise<ReadonlySet<string>>;
  /** @throws {SealwatchError} `NOT_FOUND` */
  addComment(comment: {
    readonly request: number;
    readonly actor: Actor;
    readonly at: string;
    readonly text: string;
  }): Promise<void>;
  listComments(request: number): Promise<readonly Comment[]>;

  /**
   * Approves or rejects, if the request is still what the person saw. A rejected request may still be approved.
   *
   * @throws {SealwatchError} `APPROVAL_STALE` (it drifted on, went back, or asks for something else),
   *   `APPROVAL_SETTLED` (somebody settled it, or the link was used), `APPROVAL_SAME_PERSON` (the second approval is by the first
   *   person), `NOT_FOUND`.
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
  /** Newest first. */
  listDeliveries(filter: {
    readonly states?: readonly DeliveryRecord['state'][];
    readonly limit: number;
  }): Promise<readonly DeliveryRecord[]>;
  /** Puts a dead delivery on its way again. @throws {SealwatchError} `NOT_FOUND` where there is no dead one of that number. */
  retryDelivery(id: number, actor: Actor, at: string): Promise<void>;
  /** Puts alerts on their way that no inspection caused. One that was raised before (`dedupKey`) is passed over. */
  raise(alerts: readonly NewAlert[], at: string): Promise<void>;
  /** When a request was first told to anybody, of those; requests that were told to nobody are not in it. */
  firstTold(requests: readonly number[]): Promise<ReadonlyMap<number, string>>;
  /** The channels on which one of the requests was told or is about to be; one that gave up on all of them is not among them. */
  toldOn(requests: readonly number[]): Promise<readonly string[]>;

  issueLink(link: Omit<Link, 'usedAt'>): Promise<void>;
  findLink(hash: string): Promise<Link | undefined>;

  /**
   * Asks whether a tool may be called. Returns the question about the same ({@link ConsentAsked.binding}) that still counts, or this one;
   * `undefined` where so many of the subject wait already on that server.
   */
  askConsent(asked: ConsentAsked, limits: { readonly mostWaiting: number }): Promise<Consent | undefined>;
  /** @throws {SealwatchError} `AUDIT_BROKEN` for one that was edited, or answered by somebody else than a person. */
  findConsent(id: string): Promise<Consent | undefined>;
  /** @throws {SealwatchError} `NOT_FOUND`, `APPROVAL_SETTLED` (somebody answered), `APPROVAL_STALE` (it expired). */
  decideConsent(decided: {
    readonly id: string;
    readonly decision: 'given' | 'refused';
    readonly actor: string;
    readonly at: string;
    /** The answer counts until then. */
    readonly expiresAt: string;
  }): Promise<Consent>;
  /** Uses an answer up, once. Returns whether there was one. @throws {SealwatchError} `AUDIT_BROKEN` */
  useConsent(id: string, at: string): Promise<boolean>;

  /** Whether there has to be a log of calls: one began, and nobody gave it up since. @throws {SealwatchError} `AUDIT_BROKEN` */
  expectsCallLog(): Promise<boolean>;
  /** Writes to the audit log that there has to be one, or has not. Returns whether that is new. @throws {SealwatchError} `AUDIT_BROKEN` */
  noteCallLog(note: {
    readonly type: 'call-log-began' | 'call-log-given-up';
    readonly actor: string;
    readonly at: string;
  }): Promise<boolean>;

  /** Counts a call on a day (`2026-11-30`, UTC) in every view that has a limit, or in none where one is reached. Returns that one. */
  countCall(call: {
    readonly day: string;
    readonly server: ServerId;
    readonly limits: Partial<Readonly<Record<CallView, { readonly name: string; readonly most: number }>>>;
  }): Promise<CallView | undefined>;

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

  /** Keeps a session of somebody who signed in; `replaces` is ended in the same transaction. */
  openSession(session: {
    readonly hash: string;
    readonly principal: Principal;
    readonly at: string;
    readonly expiresAt: string;
    readonly replaces: string | undefined;
  }): Promise<void>;
  /** Whose session it is; `undefined` where it is nobody's, ended, past `expiresAt`, or was last used before `idleSince`. */
  findSession(hash: string, now: string, idleSince: string): Promise<Principal | undefined>;
  /** Moves the time of last use. */
  touchSession(hash: string, at: string): Promise<void>;
  endSession(hash: string, at: string): Promise<void>;

  /** @throws {SealwatchError} `API_TOKEN_EXISTS` */
  addApiToken(token: {
    readonly name: string;
    readonly hash: string;
    readonly grants: readonly Grant[];
    readonly at: string;
    readonly by: string;
    readonly expiresAt: string;
  }): Promise<void>;
  listApiTokens(): Promise<readonly ApiToken[]>;
  /** @throws {SealwatchError} `NOT_FOUND` */
  removeApiToken(name: string, at: string, by: string): Promise<void>;
  findApiToken(hash: string, now: string): Promise<Principal | undefined>;

  /** Records that the configuration, rules or policy are others than before; grows nothing where they are not. */
  noteInputs(inputs: { readonly configuration: string; readonly rules: string }, at: string): Promise<void>;
  auditEntries(range: { readonly from: number; readonly limit: number }): Promise<readonly AuditEntry[]>;
  /** Newest first, from the entry before `before` on. Texts are looked for as they are, in actor and details. */
  searchAudit(filter: {
    readonly types?: readonly AuditType[];
    readonly text?: string;
    readonly server?: ServerId;
    readonly since?: string;
    readonly until?: string;
    readonly before?: number;
    readonly limit: number;
  }): Promise<readonly AuditEntry[]>;
  /** The whole log as JSON Lines with everything that is needed to check it without this store: entries, salts, newest checkpoint, public key. */
  exportAudit(): Promise<string>;
  /** Checks every leaf, the tree, the newest signed checkpoint, and that a given older one is a prefix of the log. */
  verifyAudit(checkpoint?: string): Promise<AuditVerdict>;

  /** Changes when another process has written. */
  dataVersion(): Promise<number>;
  /** Takes the lock for writing and gives it back. @throws {SealwatchError} `STORE_…`: nothing could be recorded now. */
  checkWritable(): Promise<void>;
  close(): Promise<void>;
}

/** Sends alerts over one channel. */
export interface Notifier {
  readonly channel: string;
  /** Resolves when the channel took the alert. @throws {SealwatchError} `NOTIFY_FAILED` */
  send(alert: OutgoingAlert, signal: AbortSignal): Promise<void>;
}

/** Knows people: an OpenID Connect provider. */
export interface IdentityProvider {
  /** As pages name it: the host of its issuer. */
  readonly name: string;
  /** The claim that roles are read from. */
  readonly claim: string;
  /**
   * Returns where to send the browser, and what has to be kept for {@link finish}, bound to that browser.
   *
   * @throws {SealwatchError} `SIGN_IN_FAILED` where the provider cannot be reached.
   */
  begin(request: { readonly redirectUri: string }): Promise<{ readonly url: string } & SignInChecks>;
  /**
   * Returns who came back. `callbackUrl` is the whole address with what the provider added, built from our own public URL.
   *
   * @throws {SealwatchError} `SIGN_IN_FAILED`: refused by the provider, not an answer to this request, or not to be believed.
   */
  finish(answer: { readonly callbackUrl: string } & SignInChecks): Promise<Identity>;
}

/** What an answer of the provider is checked against (OpenID Connect Core 1.0, section 3.1; RFC 7636). */
export interface SignInChecks {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Somebody whom a provider knows. */
export interface Identity {
  readonly issuer: string;
  /** Stable and unique at the issuer. */
  readonly subject: string;
  /** As shown and recorded. */
  readonly name: string;
  /** What the claims give; none: known, and without any role here. */
  readonly grants: readonly Grant[];
}

/** A line of the program's own log; texts from servers are quoted before. */
export interface Logger {
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly error: (message: string) => void;
}

/** A part of the service that is not ready to do its work. */
export type Missing = 'first-round' | 'scheduler';

/** What an operator can see of the service from outside: figures, traces, and whether it is alive. Nothing it does fails for it. */
export interface Telemetry {
  /** One run on a server has ended and is recorded. */
  inspected(run: { readonly server: ServerId; readonly outcome: string; readonly durationMs: number }): void;
  /** A planned run began; `lateMs` after the moment it was planned for. */
  began(run: { readonly server: ServerId; readonly lateMs: number }): void;
  /** A planned run was left out, because the server fails or its last run is still going on. */
  skipped(run: { readonly server: ServerId; readonly why: 'back-off' | 'running' }): void;
  /** A connection that stays was opened (1) or has ended (-1). */
  connections(change: 1 | -1): void;
  delivered(message: { readonly channel: string; readonly outcome: string }): void;
  decided(decision: { readonly decision: string; readonly how: string }): void;
  /** Runs the action as one span of a trace. It gets what sets attributes that are known only afterwards. */
  span<Result>(
    name: string,
    attributes: Readonly<Record<string, string | number>>,
    action: (set: (name: string, value: string | number) => void) => Promise<Result>,
  ): Promise<Result>;
  /** The scheduler's timers fire. */
  beat(): void;
  /** Every server had its first run. */
  firstRoundDone(): void;
  /** What the service lacks to be ready; empty where it is. */
  readonly missing: () => readonly Missing[];
  /** The figures in Prometheus' text format; `undefined` where none are kept. @throws {SealwatchError} `STORE_…` */
  figures(): Promise<string> | undefined;
}
