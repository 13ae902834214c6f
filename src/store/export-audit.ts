import type { LogKeys } from './audit-log.js';
import { verifierKey } from './checkpoint.js';
import { readLog } from './log-entries.js';
import type { Scope } from './scope.js';
import type { AuditRow } from './tables.js';

/** The first line of an exported log. */
export interface AuditExportHeader {
  readonly format: typeof AUDIT_EXPORT_FORMAT;
  readonly origin: string;
  /** As in `audit.pub`: a verifier key of C2SP signed-note. */
  readonly publicKey: string;
  /** The newest signed checkpoint. */
  readonly checkpoint: string;
}

/** One line for each entry. `details` is the JSON text that `digest` covers, character by character; null where it was erased. */
export type AuditExportEntry = Omit<AuditRow, 'tenant' | 'leaf_hash'>;

export const AUDIT_EXPORT_FORMAT = 'sealwatch-audit/1';

/** Returns the whole log as JSON Lines: what `verifyAuditExport` needs, and nothing that it has to believe. */
export async function exportAudit(rows: Scope, { origin, publicKey }: LogKeys): Promise<string> {
  const head = await rows.select('audit_heads').select('checkpoint').executeTakeFirst();
  const header: AuditExportHeader = {
    format: AUDIT_EXPORT_FORMAT,
    origin,
    publicKey: verifierKey(origin, publicKey),
    checkpoint: head?.checkpoint ?? '',
  };
  const lines = [JSON.stringify(header)];
  for await (const chunk of readLog(rows)) lines.push(...chunk.map(toLine));
  return `${lines.join('\n')}\n`;
}

function toLine({ position, at, type, actor, digest, ends, details, salt }: AuditRow): string {
  return JSON.stringify({ position, at, type, actor, digest, ends, details, salt } satisfies AuditExportEntry);
}
