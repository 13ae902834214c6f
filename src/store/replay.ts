import { type JsonObject, stringMember } from '../model/json.js';
import { entryHash, type StoredEntry, storedClaim } from './audit-entry.js';
import { RequestStates } from './request-states.js';
import { appendLeaf, EMPTY_TREE, type MerkleTree } from './merkle-tree.js';

/** What the entries of a log, taken one after the other, come to: the truth that the other tables are held against. */
export class Replay {
  #tree: MerkleTree = EMPTY_TREE;
  readonly #hashes: Buffer[] = [];
  readonly #ended = new Set<number>();
  readonly #approvals = new Map<number, ApprovalInLog>();
  readonly #approvedServers = new Set<string>();
  readonly #requests = new RequestStates();
  #hasErasedApproval = false;

  get tree(): MerkleTree {
    return this.#tree;
  }

  /** Takes the next entry; its hash is of what the row says now. A stored one would hide an edit. */
  add(row: StoredEntry, hash = entryHash(row)): void {
    this.#tree = appendLeaf(this.#tree, hash);
    this.#hashes.push(hash);
    if (row.ends !== null) this.#end(row.ends);
    if (row.type === 'approval') this.#approve(row);
    this.#requests.add(row);
  }

  hashAt(position: number): Buffer | undefined {
    return this.#hashes[position];
  }

  isEnded(position: number): boolean {
    return this.#ended.has(position);
  }

  /** Approvals in force, by the position of their entry. */
  get approvals(): ReadonlyMap<number, ApprovalInLog> {
    return this.#approvals;
  }

  /** What became of each request. */
  get requests(): Pick<RequestStates, 'allows' | 'open' | 'ids'> {
    return this.#requests;
  }

  /** Whether anything was ever approved for a server. Where approvals were erased from the log, it is assumed. */
  wasEverApproved(server: string, vantage: string): boolean {
    return this.#hasErasedApproval || this.#approvedServers.has(scopeKey(server, vantage));
  }

  #end(position: number): void {
    this.#ended.add(position);
    this.#approvals.delete(position);
  }

  #approve(row: StoredEntry): void {
    const details = row.details === null ? undefined : (JSON.parse(row.details) as JsonObject);
    // Were it taken for "never approved", a policy that trusts what is first seen would approve by itself.
    if (details === undefined) this.#hasErasedApproval = true;
    const scope = scopeKey(stringMember(details, 'server') ?? '', stringMember(details, 'vantage') ?? '');
    this.#approvedServers.add(scope);
    this.#approvals.set(row.position, { scope, claim: storedClaim(row) });
  }
}

/** An approval as the log has it. */
export interface ApprovalInLog {
  /** {@link scopeKey} of its server. */
  readonly scope: string;
  /** `undefined` where the details were erased: it proves nothing. */
  readonly claim: string | undefined;
}

/** Returns one key for a server and a vantage; neither has a space in it. */
export function scopeKey(server: string, vantage: string): string {
  return `${server} ${vantage}`;
}
