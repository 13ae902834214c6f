import type {
  ApiTokenRow,
  ApproverRow,
  BrowserRow,
  CommentRow,
  ConsentRow,
  EndorsementRow,
  LinkRow,
  OpeningRow,
  SessionRow,
} from './people-tables.js';

/** Every table as Kysely sees it. Moments are ISO 8601 texts in UTC, truth values are 0 and 1, digests are hex. */
export interface Tables {
  migrations: MigrationRow;
  tenants: TenantRow;
  versions: VersionRow;
  snapshots: SnapshotRow;
  current_texts: CurrentTextRow;
  sightings: SightingRow;
  checks: CheckRow;
  surfaces: SurfaceRow;
  outages: OutageRow;
  requests: RequestRow;
  approvals: ApprovalRow;
  waivers: WaiverRow;
  alerts: AlertRow;
  deliveries: DeliveryRow;
  links: LinkRow;
  approvers: ApproverRow;
  browsers: BrowserRow;
  sessions: SessionRow;
  api_tokens: ApiTokenRow;
  openings: OpeningRow;
  comments: CommentRow;
  endorsements: EndorsementRow;
  consents: ConsentRow;
  call_counts: CallCountRow;
  inputs: InputRow;
  judgements: JudgementRow;
  sealed: SealedRow;
  audit_entries: AuditRow;
  audit_heads: HeadRow;
}

/** The tables whose rows belong to a tenant: all but the list of migrations. */
export type TenantTable = Exclude<keyof Tables, 'migrations'>;

interface MigrationRow {
  version: number;
  name: string;
}

/** What is kept once per tenant. */
interface TenantRow {
  tenant: string;
  /** Random; part of the origin of the tenant's audit log. */
  store_id: string;
  /** Goes up when the tool names of any server change. */
  surroundings: number;
}

/** A secret, sealed: see `vault.ts`. */
interface SealedRow {
  tenant: string;
  name: string;
  text: string;
  at: string;
}

/** The text of one version of a definition, stored once. */
interface VersionRow {
  tenant: string;
  version: string;
  content: string;
}

export interface SnapshotRow {
  tenant: string;
  server: string;
  vantage: string;
  digest: string;
  protocol_version: string;
  set_hashes: string;
  /** JSON: every definition without its text. */
  definitions: string;
}

/** A text of the newest snapshot that differs from the one stored for its version, because a mask covers the difference. */
interface CurrentTextRow {
  tenant: string;
  server: string;
  vantage: string;
  ref_text: string;
  raw_fingerprint: string;
  content: string;
}

export interface SightingRow {
  tenant: string;
  server: string;
  vantage: string;
  ref_text: string;
  version: string;
  first_seen_at: string;
  /** While it is in the newest snapshot: of an earlier time. The newest sighting is that check's. */
  last_seen_at: string;
  /** Complete observations that held it, without those since `present_since`. */
  times: number;
  /** `checks.checks` before the observation with which it came; null while it is not in the newest snapshot. */
  present_since: number | null;
}

/** The one row that an unchanged poll changes. */
export interface CheckRow {
  tenant: string;
  server: string;
  vantage: string;
  revision: number;
  checks: number;
  at: string;
  key: string;
  raw_digest: string;
  snapshot_digest: string;
  /** Of what lets equal bytes go unevaluated, by a key that is not in the database. Null in a row of store version 1. */
  seal: string | null;
}

/** Tool names of the newest snapshot, for the scan of the other servers. */
interface SurfaceRow {
  tenant: string;
  server: string;
  vantage: string;
  tools: string;
}

export interface OutageRow {
  tenant: string;
  server: string;
  vantage: string;
  since: string;
  failures: number;
  code: string;
  message: string;
}

export interface RequestRow {
  tenant: string;
  id: number;
  server: string;
  vantage: string;
  state: string;
  digest: string;
  provenance: string;
  /** JSON: pairs of reference and version. */
  target: string;
  urgency: string;
  /** JSON: changes and findings. */
  body: string;
  flapping: number;
  opened_at: string;
  settled_at: string | null;
  settled_by: string | null;
  comment: string | null;
  superseded_by: number | null;
  leaf: number;
  /** JSON: references that are due to be looked at again. */
  review: string;
  /** Of the texts of every version that it names. Null in a request of store version 1, which vouches for none. */
  texts_digest: string | null;
  /** Of what was told when it opened: urgency and body. Null in a request of store version 1. */
  told_digest: string | null;
  /** When it was last told anew with other content, and the entry that says so; null where it never was. */
  told_at: string | null;
  told_leaf: number | null;
}

export interface ApprovalRow {
  tenant: string;
  id: number;
  server: string;
  vantage: string;
  ref_text: string;
  version: string;
  provenance: string;
  /** SHA-256 of the approved text. */
  content_digest: string;
  approved_by: string;
  approved_at: string;
  request: number | null;
  leaf: number;
  ended_at: string | null;
  ended_by: string | null;
}

export interface WaiverRow {
  tenant: string;
  id: number;
  server: string;
  rule: string;
  ref_text: string;
  version: string;
  reason: string;
  waived_by: string;
  waived_at: string;
  expires_at: string;
  leaf: number;
}

export interface AlertRow {
  tenant: string;
  id: number;
  dedup_key: string;
  subject: string;
  urgency: string;
  created_at: string;
  /** The request that it is about. */
  request: number | null;
}

export interface DeliveryRow {
  tenant: string;
  id: number;
  alert: number;
  channel: string;
  recipient: string;
  state: 'waiting' | 'sent' | 'dead';
  attempts: number;
  next_attempt_at: string;
  lease_until: string | null;
  sent_at: string | null;
  message: string | null;
  /** Whether it goes out together with the others that are due for the same recipient. */
  in_digest: number;
}

/** What a model that was asked said of a definition. */
interface JudgementRow {
  tenant: string;
  /** Digest of the endpoint, the model and the question. */
  judge: string;
  /** Fingerprint of the definition as sent, or its version. */
  text: string;
  at: string;
  /** JSON */
  verdict: string;
}

/** How often something was called on one day. */
interface CallCountRow {
  tenant: string;
  /** `2026-11-30`, UTC */
  day: string;
  server: string;
  /** Whether the name is of a subject, or of a tool, or empty for the server. */
  view: string;
  name: string;
  calls: number;
}

interface InputRow {
  tenant: string;
  name: string;
  digest: string;
}

/** One entry of the audit log. `details` and `salt` are null where the content was erased. */
export interface AuditRow {
  tenant: string;
  position: number;
  at: string;
  type: string;
  actor: string;
  digest: string;
  /** The entry whose grant this one ends. */
  ends: number | null;
  leaf_hash: string;
  details: string | null;
  salt: string | null;
}

/** The newest signed checkpoint of the log. */
interface HeadRow {
  tenant: string;
  size: number;
  checkpoint: string;
}
