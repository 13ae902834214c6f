import type { AuditEntry, AuditType } from '../model/audit.js';
import { shortVersion } from '../model/fingerprint.js';
import { isJsonArray, type JsonObject, memberOf, stringMember } from '../model/json.js';
import { makeVisible, quote } from '../quote.js';
import { maskSecrets } from './mask-secrets.js';

/** Texts that people wrote are longer in the log than one line has room for. */
const MAX_TEXT = 300;

/** More are counted. */
const MAX_LISTED = 3;

/**
 * Returns what an entry of the audit log says, as a sentence without its actor: `approved github/tool/search, version 3f2a9c01b7de`.
 *
 * Texts of servers and of people are quoted, what looks like a secret is masked. An entry whose content was erased says so.
 */
export function auditSentence({ type, details }: Pick<AuditEntry, 'type' | 'details'>): string {
  if (details === undefined) return `${TITLES[type]}: the content was erased, its digest is still in the log`;
  return sentenceOf(type, details);
}

/** Returns what a kind of entry is called, for headings and choices. */
export function auditTitle(type: AuditType): string {
  return TITLES[type];
}

const TITLES: Readonly<Record<AuditType, string>> = {
  'store-created': 'store created',
  'request-opened': 'request opened',
  'request-superseded': 'request superseded',
  'request-withdrawn': 'request withdrawn',
  'request-reopened': 'request opened again',
  'request-approved': 'request approved',
  'request-rejected': 'request rejected',
  'request-endorsed': 'first of two approvals',
  'request-told-anew': 'request told anew',
  comment: 'comment',
  approval: 'approval',
  'approval-ended': 'approval ended',
  'approval-refused': 'decision refused',
  revoked: 'approvals revoked',
  waiver: 'waiver',
  'approver-added': 'approver added',
  'approver-removed': 'approver removed',
  'browser-enrolled': 'browser enrolled',
  'signed-in': 'signed in',
  'signed-out': 'signed out',
  'api-token-added': 'API token added',
  'api-token-removed': 'API token removed',
  'consent-given': 'call allowed',
  'consent-refused': 'call not allowed',
  'consent-used': 'allowed call made',
  'call-log-began': 'log of calls began',
  'call-log-given-up': 'log of calls given up',
  'delivery-retried': 'alert sent again',
  'link-issued': 'link issued',
  'configuration-changed': 'configuration changed',
  'rules-changed': 'rules changed',
};

function sentenceOf(type: AuditType, details: JsonObject): string {
  const has = (name: string): string => shown(details, name);
  switch (type) {
    case 'store-created':
      return `created the store ${has('store')}`;
    case 'request-opened':
      return `opened request ${has('request')}: ${has('server')} differs from what is approved`;
    case 'request-superseded':
      return `request ${has('request')} was replaced by request ${has('by')}: the server drifted on`;
    case 'request-withdrawn':
      return `request ${has('request')} was withdrawn: the server went back to what is approved`;
    case 'request-reopened':
      return `opened request ${has('request')} again: the server shows the same change once more`;
    case 'request-approved':
      return `approved request ${has('request')}${onlySome(details)}${comment(details)}`;
    case 'request-rejected':
      return `rejected request ${has('request')}${comment(details)}`;
    case 'request-endorsed':
      return `approved request ${has('request')} as the first of two persons`;
    case 'request-told-anew':
      return `request ${has('request')} asks for the same, and its findings or its urgency changed`;
    case 'comment':
      return `wrote on request ${has('request')}: ${quoted(details, 'text')}`;
    case 'approval':
      return `approved ${has('ref')}, version ${version(details)}${ofRequest(details)}`;
    case 'approval-ended':
      return `ended the approval of ${has('ref')}, version ${version(details)}`;
    case 'approval-refused':
      return `was refused a decision${onRequest(details)}: ${has('code')}`;
    case 'revoked':
      return `revoked ${list(details, 'refs')}${comment(details)}`;
    case 'waiver':
      return `waived rule ${has('rule')} on ${has('ref')}, version ${version(details)}, until ${moment(details)}: ${quoted(details, 'reason')}`;
    case 'approver-added':
      return `added the approver ${has('name')}`;
    case 'approver-removed':
      return `removed the approver ${has('name')}`;
    case 'browser-enrolled':
      return `enrolled a browser, until ${moment(details)}`;
    case 'signed-in':
      return `signed in as ${has('principal')}, until ${moment(details)}`;
    case 'signed-out':
      return 'signed out';
    case 'api-token-added':
      return `added the API token ${has('name')}, until ${moment(details)}`;
    case 'api-token-removed':
      return `removed the API token ${has('name')}`;
    case 'consent-given':
      return `allowed ${covered(details)} of ${has('server')}/${has('tool')} by ${has('subject')}, until ${moment(details)} (${has('consent')})`;
    case 'consent-refused':
      return `did not allow ${covered(details)} of ${has('server')}/${has('tool')} by ${has('subject')} (${has('consent')})`;
    case 'consent-used':
      return `let the call pass that was allowed (${has('consent')})`;
    case 'call-log-began':
      return 'began a log of calls';
    case 'call-log-given-up':
      return 'gave up the log of calls, which is gone: the next call begins another';
    case 'delivery-retried':
      return `sent alert ${has('delivery')} to ${has('channel')}${recipient(details)} again`;
    case 'link-issued':
      return `issued a link for request ${has('request')} to ${has('recipient')}, until ${moment(details)}`;
    case 'configuration-changed':
      return 'the configuration is another than before';
    case 'rules-changed':
      return 'the rules are others than before';
  }
}

/** One line, cut where it is long: a name of a server's own choosing may have a million characters. */
function shown(details: JsonObject, name: string): string {
  const value = memberOf(details, name);
  const text = typeof value === 'string' || typeof value === 'number' ? maskSecrets(String(value)) : '?';
  return text.length <= MAX_TEXT ? makeVisible(text) : quote(text, MAX_TEXT);
}

/** Masked before it is quoted: a secret after a line break begins no word any more once that is written as `\n`. */
function quoted(details: JsonObject, name: string): string {
  return quote(maskSecrets(stringMember(details, name) ?? ''), MAX_TEXT);
}

function comment(details: JsonObject): string {
  return (stringMember(details, 'comment') ?? '') === '' ? '' : `, saying ${quoted(details, 'comment')}`;
}

function onlySome(details: JsonObject): string {
  return isJsonArray(memberOf(details, 'only')) ? ` in part, ${list(details, 'only')} only` : '';
}

function list(details: JsonObject, name: string): string {
  const value = memberOf(details, name);
  const items = isJsonArray(value) ? value.filter((item) => typeof item === 'string') : [];
  const first = items.slice(0, MAX_LISTED).map((item) => shown({ item }, 'item'));
  return items.length <= MAX_LISTED ? first.join(', ') : `${first.join(', ')} and ${items.length - MAX_LISTED} more`;
}

function version(details: JsonObject): string {
  return makeVisible(shortVersion(stringMember(details, 'version') ?? '?'));
}

function covered(details: JsonObject): string {
  return stringMember(details, 'covers') === 'session' ? 'the calls of one session' : 'one call';
}

function ofRequest(details: JsonObject): string {
  return typeof memberOf(details, 'request') === 'number' ? ` (request ${shown(details, 'request')})` : '';
}

function onRequest(details: JsonObject): string {
  return typeof memberOf(details, 'request') === 'number' ? ` on request ${shown(details, 'request')}` : '';
}

function recipient(details: JsonObject): string {
  const text = stringMember(details, 'recipient') ?? '';
  return text === '' ? '' : ` for ${shown(details, 'recipient')}`;
}

function moment(details: JsonObject): string {
  const iso = stringMember(details, 'expiresAt') ?? stringMember(details, 'codeExpiresAt');
  return iso === undefined ? '?' : `${makeVisible(iso.slice(0, 16)).replace('T', ' ')} UTC`;
}
