import type { OutgoingAlert } from '../model/alert.js';
import type { Urgency } from '../model/drift.js';
import { makeVisible } from '../quote.js';
import { summarise } from './alert-summary.js';

/** Collectors have to take 2,048 octets and should take 8,192 (RFC 5425, section 4.3.1). */
const MAX_TEXT = 2_000;

/** Facility 13, log audit; severity by urgency (RFC 5424, section 6.2.1). */
const FACILITY = 13;
const SEVERITY: Readonly<Record<Urgency, number>> = { critical: 2, high: 3, low: 4, info: 6 };

/** Of examples and documentation (RFC 5612): the project has no number of its own. */
const ENTERPRISE = '32473';

/** Returns an alert as an RFC 5424 message in one line; what separates its lines stands as ` | `. */
export function syslogMessage(
  alert: OutgoingAlert,
  from: { readonly host: string; readonly processId: number },
): string {
  const { title, text, page } = summarise(alert, MAX_TEXT);
  const { subject, urgency, createdAt, view } = alert;
  const parameters = [
    ['kind', subject.kind],
    ['urgency', urgency],
    ['server', view?.request.server ?? ('server' in subject ? subject.server : undefined)],
    ['request', view === undefined ? undefined : String(view.request.id)],
    ['digest', view?.request.digest],
    ['page', page?.url],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name ?? ''}="${escapeParameter(value)}"`]));
  const head = [
    `<${FACILITY * 8 + SEVERITY[urgency]}>1`,
    createdAt,
    printable(from.host, 255),
    'sealwatch',
    String(from.processId),
    printable(subject.kind, 32),
    `[alert@${ENTERPRISE} ${parameters.join(' ')}]`,
  ];
  const lines = [title, ...text.split('\n').filter((line) => line.trim() !== '')].map(makeVisible);
  return `${head.join(' ')} \uFEFF${lines.join(' | ')}`;
}

/** RFC 5424, section 6.3.3: these three are escaped; control characters were made visible before. */
function escapeParameter(value: string): string {
  return makeVisible(value).replace(/["\\\]]/g, (character) => `\\${character}`);
}

/** Printable ASCII only (section 6.2); `-` stands for nothing. */
function printable(text: string, maxLength: number): string {
  const plain = text.replace(/[^\x21-\x7e]/g, '').slice(0, maxLength);
  return plain === '' ? '-' : plain;
}
