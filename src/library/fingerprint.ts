import { SealwatchError } from '../errors.js';
import { readPages } from '../integrity/read-pages.js';
import { parseJson } from '../integrity/parse-json.js';
import { takeDefinition } from '../integrity/take-definition.js';
import type { Flaw } from '../model/definition.js';
import type { Fingerprint, VersionId } from '../model/fingerprint.js';
import { DEFAULT_LIMITS } from '../model/limits.js';
import { LISTS } from '../model/observation.js';
import type { Pointer } from '../model/pointer.js';
import { parseServerId } from '../model/server-id.js';
import { quote } from '../quote.js';
import { jsonTextOf, type Sent } from './sent.js';

/** What names exactly one version of one definition, or why nothing can. */
export type DefinitionFingerprint =
  | {
      readonly kind: 'well-formed';
      /** `v1:sha256:<64 hex digits>`, the open tool definition hash, version 1: SHA-256 of the RFC 8785 form. */
      readonly fingerprint: Fingerprint;
      /** The fingerprint; with `+numbers:<hex>` after it where {@link inexactNumbers} has any. Compare and approve this. */
      readonly version: VersionId;
      /** The RFC 8785 form. */
      readonly canonical: string;
      /** Places of numbers that a double cannot carry as they were written: the fingerprint alone does not tell their digits apart. */
      readonly inexactNumbers: readonly Pointer[];
    }
  | {
      readonly kind: 'malformed';
      /** `malformed:sha256:<64 hex digits>` over the text as sent. */
      readonly version: VersionId;
      /** Why it has no canonical form, or no name: never empty. */
      readonly flaws: readonly Flaw[];
    };

/**
 * Returns the fingerprint of one definition, an element of `tools`, `prompts`, `resources` or `resourceTemplates`, by the same recipe as the
 * program's own.
 *
 * A text with repeated members, more than 64 levels, more than 1 MiB, a number beyond the range of a double, or without the string that
 * names a definition of its kind is `malformed`, and says so; `kind` is `tool` where none is given. For instructions, which are not JSON, see
 * {@link instructionsHash}.
 *
 * @throws {SealwatchError} `JSON_SYNTAX` where it is not JSON; `JSON_ENCODING`, `JSON_TOO_LARGE`; of a parsed value also `JSON_TOO_DEEP`, and
 * `JSON_NUMBER_RANGE` for a whole number beyond 2^53 - 1, which the text may have had other digits of.
 */
export function fingerprint(
  definition: Sent,
  { kind = 'tool' }: { readonly kind?: (typeof LISTS)[number]['kind'] } = {},
): DefinitionFingerprint {
  const text = jsonTextOf(definition);
  // One value and nothing after it: what is put between brackets below must not close them.
  parseJson(text, { maxDepth: DEFAULT_LIMITS.maxDepth });
  const pages = LISTS.filter((list) => list.kind === kind).map(({ method, member }) => ({
    method,
    result: `{"${member}":[${text}]}`,
  }));
  const [found] = readPages(pages, parseServerId('server'), DEFAULT_LIMITS);
  if (found === undefined) throw new SealwatchError('REF_INVALID', `not a kind of definition: ${quote(kind, 40)}`);
  const { version, rawFingerprint, content, flaws, inexactNumbers } = takeDefinition(found, {
    masks: [],
    limits: DEFAULT_LIMITS,
  });
  if (rawFingerprint === undefined) return { kind: 'malformed', version, flaws };
  return { kind: 'well-formed', fingerprint: rawFingerprint, version, canonical: content, inexactNumbers };
}
