import type { CheckedOutput, OutputBinary, OutputChange, OutputFinding, OutputLink } from '../model/checked-output.js';
import type { JsonValue } from '../model/json.js';
import { type Pointer, pointerTo } from '../model/pointer.js';
import { base64Of, checkBytes, textInBase64 } from './check-bytes.js';
import { collectOutput, type OutputBlob, type OutputText } from './collect-output.js';
import { cutText } from './cut-text.js';
import { findAcross, type ItemText } from './find-across.js';
import { readOutput } from './read-output.js';
import { replaceValues } from './replace-values.js';
import type { RulePack } from './rule-pack.js';
import type { TextRole } from './rule.js';
import { sanitiseText } from './sanitise-text.js';

/** How a result is checked. */
export interface OutputOptions {
  readonly pack: RulePack;
  /** Text of one result that goes on, in UTF-8; the rest is cut off, and says so. Default {@link MAX_TEXT_BYTES}. */
  readonly maxTextBytes?: number;
  /** One image or blob, decoded; a larger one is a finding. Default {@link MAX_BINARY_BYTES}. */
  readonly maxBinaryBytes?: number;
}

/** More than what fits into the context of most models, and read in about half a second. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** What interfaces to models take of one image is less. */
const MAX_BINARY_BYTES = 16 * 1024 * 1024;

/**
 * Returns a result of `tools/call`, `resources/read` or `prompts/get` without what a person does not see, and what the rules find in it.
 * Every string that is kept was read, names of members too; these, URIs and types are never changed. Bytes are judged by their
 * beginning and size; those of a text type are read like text.
 *
 * Never throws for what a server wrote: what could not be read is the finding `scan-incomplete`.
 */
export function checkOutput(result: JsonValue, options: OutputOptions): CheckedOutput {
  const check: Check = {
    pack: options.pack,
    maxBinaryBytes: options.maxBinaryBytes ?? MAX_BINARY_BYTES,
    left: options.maxTextBytes ?? MAX_TEXT_BYTES,
    replacements: new Map(),
    findings: [],
    changed: [],
    binary: [],
    links: [],
    items: [],
    isWhole: true,
  };
  for (const part of collectOutput(result)) {
    if (part.kind === 'blob') checkBlob(part, check);
    else checkText(part, check);
  }
  checkAcross(check);
  const { findings, changed, binary, links, isWhole } = check;
  return { result: replaceValues(result, check.replacements), findings, changed, binary, links, isWhole };
}

/** Returns a result that nobody has read, with the finding that says so. */
export function unchecked(result: JsonValue): CheckedOutput {
  const finding = engineFinding('scan-incomplete', { pointer: '', place: 'fixed' });
  return { result, findings: [finding], changed: [], binary: [], links: [], isWhole: false };
}

/** What is gathered on the way; nobody else sees it. */
interface Check {
  readonly pack: RulePack;
  readonly maxBinaryBytes: number;
  /** How much text may still go on, in bytes. */
  left: number;
  readonly replacements: Map<Pointer, JsonValue>;
  readonly findings: OutputFinding[];
  readonly changed: OutputChange[];
  readonly binary: OutputBinary[];
  readonly links: OutputLink[];
  /** Texts that a model reads one after the other. */
  readonly items: ItemText[];
  isWhole: boolean;
}

function checkText({ pointer, text, role, isFixed }: OutputText, check: Check): void {
  if (isFixed && role === 'text' && pointer.endsWith('/uri')) {
    check.links.push({ pointer, scheme: /^([a-z][a-z0-9+.-]{0,30}):/i.exec(text)?.[1]?.toLowerCase() ?? '' });
  }
  if (isFixed && PLAIN_NAME.test(text)) return;
  const read = readString(text, { pointer, role, place: isFixed ? 'fixed' : 'text' }, check);
  if (!isFixed && read !== text) check.replacements.set(pointer, read);
  if (ITEM_TEXT.test(pointer)) check.items.push({ pointer, text: read });
}

const ITEM_TEXT = /^\/(?:content|contents|messages)\/\d+\/(?:content\/|resource\/)?text$/;

/**
 * Nobody knows whether two items belong together, so the finding is of medium severity; it is one of both. What one of them says alone is
 * told already.
 */
function checkAcross({ items, pack, findings }: Check): void {
  const toldKeys = new Set(findings.map(({ rule, pointer }) => `${rule} ${pointer}`));
  for (const { rule, pointers } of findAcross(items, pack)) {
    const { id, title } = rule;
    if (pointers.some((pointer) => toldKeys.has(`${id} ${pointer}`))) continue;
    const told = { rule: id, title, severity: 'medium', confidence: 'low', place: 'text', excerpt: '' } as const;
    findings.push(...pointers.map((pointer) => ({ ...told, pointer })));
  }
}

/** A short word says nothing to a model. */
const PLAIN_NAME = /^[A-Za-z0-9_$-]{1,11}$/;

interface Place {
  readonly pointer: Pointer;
  readonly role: TextRole;
  readonly place: OutputFinding['place'];
}

/** Reads one string, and returns what of it goes on. */
function readString(text: string, at: Place, check: Check): string {
  const { kept, bytes, isCut } = cutText(text, check.left);
  const isFirst = check.left > 0;
  check.left = isCut ? 0 : check.left - bytes;
  const { text: clean, removed } = sanitiseText(kept);
  const { matches, isWhole } = readOutput({ original: kept, clean, role: at.role }, check.pack);
  for (const { rule, severity, excerpt } of matches) {
    const { id, title, confidence } = rule;
    check.findings.push({ rule: id, title, severity, confidence, pointer: at.pointer, place: at.place, excerpt });
  }
  // A name or a URI stays as it is, so what is not read of it goes on unread.
  if (!isWhole || (isCut && isFirst && at.place === 'fixed')) check.findings.push(engineFinding('scan-incomplete', at));
  if (!isWhole || isCut) check.isWhole = false;
  if (at.place === 'fixed') return text;
  check.changed.push(...removed.map((what) => ({ pointer: at.pointer, what })));
  if (!isCut) return clean;
  check.changed.push({ pointer: at.pointer, what: 'cut' });
  return isFirst ? `${clean}${CUT_NOTE}` : REST_NOTE;
}

/** What stands at the end of a text that was cut, and instead of every string behind it. */
const CUT_NOTE = '\n[Sealwatch: the text is longer than what is let through, and was cut here]';
const REST_NOTE = '…';

const ENGINE_FINDINGS = {
  'scan-incomplete': 'Could not be read to its end: it has too many disguises, or is too long',
  'binary-mismatch': 'Has bytes that are not what the declared type says',
  'binary-too-large': 'Has more bytes than what is let through',
} as const;

function engineFinding(
  rule: keyof typeof ENGINE_FINDINGS,
  { pointer, place }: Pick<Place, 'pointer' | 'place'>,
): OutputFinding {
  const title = ENGINE_FINDINGS[rule];
  return { rule, title, severity: 'medium', confidence: 'high', pointer, place, excerpt: '' };
}

function checkBlob({ pointer, member, data, mimeType }: OutputBlob, check: Check): void {
  const { bytes, content } = checkBytes(data, mimeType);
  const at: Place = { pointer, role: 'text', place: 'binary' };
  check.binary.push({ pointer, mimeType, bytes, content });
  if (content === 'other' || content === 'not-base64') check.findings.push(engineFinding('binary-mismatch', at));
  if (bytes > check.maxBinaryBytes) check.findings.push(engineFinding('binary-too-large', at));
  // Attack: what is called base64 and is a sentence reaches the model as it is.
  const text = content === 'not-base64' ? data : textInBase64(data, mimeType);
  if (text === undefined) return;
  const read = readString(text, at, check);
  if (read === text) return;
  check.replacements.set(pointerTo(pointer, member), content === 'not-base64' ? read : base64Of(read));
}
