/* What is kept of people: how they are known, and what they said. Kysely's view, as in tables.ts. */

export interface LinkRow {
  tenant: string;
  hash: string;
  request: number;
  digest: string;
  recipient: string;
  issued_at: string;
  expires_at: string;
  used_at: string | null;
  leaf: number;
}

export interface ApproverRow {
  tenant: string;
  name: string;
  token_hash: string;
  code_hash: string;
  code_expires_at: string;
  code_used_at: string | null;
  added_at: string;
  added_by: string;
  leaf: number;
}

export interface BrowserRow {
  tenant: string;
  session_hash: string;
  name: string;
  /** Leaf of the approver that it was enrolled for. */
  approver_leaf: number;
  enrolled_at: string;
  expires_at: string;
  leaf: number;
}

/** Somebody who signed in with a browser. */
export interface SessionRow {
  tenant: string;
  session_hash: string;
  principal: string;
  name: string;
  how: string;
  /** JSON: roles and the servers that they are for. */
  grants: string;
  started_at: string;
  last_used_at: string;
  expires_at: string;
  leaf: number;
}

export interface ApiTokenRow {
  tenant: string;
  name: string;
  token_hash: string;
  /** JSON: roles and the servers that they are for. */
  grants: string;
  added_at: string;
  added_by: string;
  expires_at: string;
  leaf: number;
}

/** That a person looked at exactly this change. */
export interface OpeningRow {
  tenant: string;
  person: string;
  request: number;
  digest: string;
  opened_at: string;
}

export interface CommentRow {
  tenant: string;
  request: number;
  leaf: number;
  written_by: string;
  written_at: string;
  text: string;
}

/** What a person is asked before a tool is called, and what became of it. */
export interface ConsentRow {
  tenant: string;
  id: string;
  server: string;
  tool: string;
  version: string | null;
  covers: 'call' | 'session';
  session: string;
  subject: string;
  person: string | null;
  client: string | null;
  binding: string;
  parameters: string;
  asked_at: string;
  expires_at: string;
  /** See `seal.ts`. */
  seal: string;
  decision: 'given' | 'refused' | null;
  decided_by: string | null;
  decided_at: string | null;
  leaf: number | null;
  used_at: string | null;
}

/** The first of two approvals. */
export interface EndorsementRow {
  tenant: string;
  request: number;
  leaf: number;
  digest: string;
  endorsed_by: string;
  /** As the person is called, without how that is known. */
  name: string;
  identity: string;
  endorsed_at: string;
  comment: string | null;
  /** Hash of the link that was used up by it. */
  link: string | null;
}
