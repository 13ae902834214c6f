import type { RequestState } from '../model/change-request.js';
import { type JsonObject, memberOf, stringMember } from '../model/json.js';
import type { StoredEntry } from './audit-entry.js';
import type { RequestRow } from './tables.js';

/** Where a request is according to the log, and which one it is. */
interface LoggedRequest {
  readonly server: string;
  readonly vantage: string;
  /** After its newest entry. */
  readonly state: RequestState;
  /** One that flaps opens, gives way and goes back without entries: only its settlement is written. */
  readonly isFlapping: boolean;
  /** Of the newest entry: who settled it, where it is settled. */
  readonly actor: string;
}

/** What became of each request, taken from the entries of the log one after the other. */
export class RequestStates {
  readonly #requests = new Map<number, LoggedRequest>();
  #hasErased = false;

  add(row: StoredEntry): void {
    const state = STATE_AFTER[row.type];
    if (state === undefined) return;
    if (row.details === null) {
      // It may have been about any of them.
      this.#hasErased = true;
      return;
    }
    const details = JSON.parse(row.details) as JsonObject;
    const id = memberOf(details, 'request');
    if (typeof id !== 'number') return;
    const before = this.#requests.get(id);
    const server = stringMember(details, 'server') ?? before?.server ?? '';
    const vantage = stringMember(details, 'vantage') ?? before?.vantage ?? '';
    // What was approved in part gave way to a request for the rest.
    const isPart = row.type === 'request-approved' && memberOf(details, 'only') !== undefined;
    const isFlapping = row.type === 'request-reopened' || before?.isFlapping === true;
    this.#requests.set(id, { server, vantage, state: isPart ? 'superseded' : state, isFlapping, actor: row.actor });
  }

  /** Returns whether a request can be as its row has it: where it is, and who settled it. What was erased proves nothing. */
  allows(row: Pick<RequestRow, 'id' | 'state' | 'flapping' | 'settled_by'>): boolean {
    if (this.#hasErased) return true;
    const logged = this.#requests.get(row.id);
    if (logged?.isFlapping !== (row.flapping === 1)) return false;
    const isSettled = !WITHOUT_ENTRIES.has(logged.state);
    if (isSettled) return logged.state === row.state && logged.actor === row.settled_by;
    return logged.isFlapping ? WITHOUT_ENTRIES.has(row.state) : logged.state === row.state;
  }

  /** Returns the numbers of all requests. */
  ids(): readonly number[] {
    return [...this.#requests.keys()];
  }

  /** Returns the requests that have to be open, but for those that flap. */
  open(): readonly { readonly id: number; readonly server: string; readonly vantage: string }[] {
    if (this.#hasErased) return [];
    const all = [...this.#requests].filter(([, { state, isFlapping }]) => state === 'open' && !isFlapping);
    return all.map(([id, { server, vantage }]) => ({ id, server, vantage }));
  }
}

const STATE_AFTER: Readonly<Partial<Record<string, RequestState>>> = {
  'request-opened': 'open',
  'request-superseded': 'superseded',
  'request-withdrawn': 'withdrawn',
  'request-reopened': 'open',
  'request-approved': 'approved',
  'request-rejected': 'rejected',
};

const WITHOUT_ENTRIES: ReadonlySet<string> = new Set(['open', 'superseded', 'withdrawn']);
