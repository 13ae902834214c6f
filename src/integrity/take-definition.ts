import type { Definition, Flaw, FlawCode } from '../model/definition.js';
import type { Fingerprint, VersionId } from '../model/fingerprint.js';
import { parseFingerprint } from '../model/fingerprint.js';
import type { JsonValue } from '../model/json.js';
import type { Limits } from '../model/limits.js';
import { applyMasks, type CompiledMask } from './apply-masks.js';
import { canonicalize } from './canonicalize.js';
import { formatRef } from './definition-ref.js';
import { fingerprintOf, instructionsHash, sha256Hex } from './fingerprint.js';
import type { Found } from './found.js';
import type { InexactNumber } from './parse-json.js';

/** Returns a found definition with its version: its fingerprint, or `malformed:` where it has a flaw. */
export function takeDefinition(
  found: Found,
  context: { readonly masks: readonly CompiledMask[]; readonly limits: Limits },
): Definition {
  return found.flaws.length > 0 ? malformed(found, context.limits) : wellFormed(found, context.masks);
}

function wellFormed(found: Found, masks: readonly CompiledMask[]): Definition {
  const { ref, value, inexact } = found;
  const content = canonicalize(value);
  const rawFingerprint = fingerprint(found, value, content);
  const { value: maskedValue, masked } = applyMasks(value, ref, masks);
  const shown = masked.length === 0 ? rawFingerprint : fingerprint(found, maskedValue, canonicalize(maskedValue));
  return {
    ref,
    refText: formatRef(ref),
    version: shown + numbersSuffix(inexact) + textSuffix(found, maskedValue),
    rawFingerprint,
    value,
    content,
    flaws: [],
    inexactNumbers: inexact.map(({ pointer }) => pointer),
    masked,
  };
}

function fingerprint({ ref }: Found, value: JsonValue, canonical: string): Fingerprint {
  const isText = ref.kind === 'instructions' && typeof value === 'string';
  return isText ? parseFingerprint(`v1:sha256:${instructionsHash(value)}`) : fingerprintOf(canonical);
}

/** The canonical form holds the nearest doubles; the numbers as written make two such definitions two versions. */
function numbersSuffix(inexact: readonly InexactNumber[]): string {
  if (inexact.length === 0) return '';
  const lines = inexact.map(({ pointer, lexeme }) => JSON.stringify([pointer, lexeme])).sort();
  return `+numbers:${sha256Hex(lines.join('\n'))}`;
}

/**
 * The instructions hash is over UTF-8, which has no unpaired surrogates: each is hashed as U+FFFD, and a server could swap
 * one for another unseen. The escaped form tells them apart.
 */
function textSuffix({ ref }: Found, value: JsonValue): string {
  const isIllFormed = ref.kind === 'instructions' && typeof value === 'string' && /\p{Surrogate}/u.test(value);
  return isIllFormed ? `+text:${sha256Hex(canonicalize(value))}` : '';
}

/** With these flaws every reader agrees on what the value is, so it can still be shown and scanned. */
const READABLE_FLAWS: readonly FlawCode[] = ['NO_NAME', 'DUPLICATE_NAME'];

function malformed({ ref, text, value, flaws, inexact }: Found, limits: Limits): Definition {
  const version: VersionId = `malformed:sha256:${sha256Hex(text)}`;
  return {
    ref,
    refText: formatRef(ref),
    version,
    rawFingerprint: undefined,
    value: flaws.every(isReadable) ? value : undefined,
    content: text.slice(0, limits.maxDefinitionBytes),
    flaws,
    inexactNumbers: inexact.map(({ pointer }) => pointer),
    masked: [],
  };
}

function isReadable({ code }: Flaw): boolean {
  return READABLE_FLAWS.includes(code);
}
