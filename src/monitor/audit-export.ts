import { SealwatchError } from '../errors.js';
import type { AuditEntry } from '../model/audit.js';
import { hasRoleEverywhere, type Principal } from '../model/principal.js';
import type { Store } from '../ports.js';
import type { MonitorDeps } from './deps.js';

/** Which entries of the audit log are asked for. */
export type AuditFilter = Omit<Parameters<Store['searchAudit']>[0], 'before' | 'limit'>;

/** Enough to be fast, little enough that an export of a long log needs little memory. */
const ENTRIES_PER_READ = 1_000;

/**
 * Returns one page of the audit log, newest first, from the entry before `before` on.
 *
 * @throws {SealwatchError} `FORBIDDEN` for whoever may not see every server: entries name servers, and hiding some of them would
 *   make a log that cannot be checked. `STORE_…`, `AUDIT_BROKEN`
 */
export async function readAudit(
  principal: Principal,
  filter: AuditFilter & { readonly before?: number; readonly limit: number },
  deps: Pick<MonitorDeps, 'store'>,
): Promise<readonly AuditEntry[]> {
  expectViewer(principal);
  return deps.store.searchAudit(filter);
}

/**
 * Yields every entry that is asked for, newest first. What is written meanwhile is not in it.
 *
 * @throws {SealwatchError} as {@link readAudit}, before the first entry
 */
export async function* everyAuditEntry(
  principal: Principal,
  filter: AuditFilter,
  deps: Pick<MonitorDeps, 'store'>,
): AsyncGenerator<AuditEntry, void, undefined> {
  let before: number | undefined;
  do {
    const from: { before?: number } = before === undefined ? {} : { before };
    const entries = await readAudit(principal, { ...filter, ...from, limit: ENTRIES_PER_READ }, deps);
    yield* entries;
    before = entries.length < ENTRIES_PER_READ ? undefined : entries.at(-1)?.index;
  } while (before !== undefined);
}

/**
 * Returns the whole log with everything that is needed to check it without this store.
 *
 * @throws {SealwatchError} as {@link readAudit}
 */
export async function exportAudit(principal: Principal, deps: Pick<MonitorDeps, 'store'>): Promise<string> {
  expectViewer(principal);
  return deps.store.exportAudit();
}

function expectViewer(principal: Principal): void {
  if (hasRoleEverywhere(principal, 'viewer')) return;
  throw new SealwatchError('FORBIDDEN', 'the audit log is for those who may see every server');
}
