import { type JsonValue, memberOf } from '../model/json.js';
import { matchesPattern } from '../model/pattern.js';
import { TIERS, type Tier, type TierSettings } from '../model/tier.js';

/**
 * Returns how much a call of a tool may do: as the configuration says, else as its annotations say.
 *
 * Annotations are the server's words: what is not said, not clearly said, or not approved, is dangerous.
 *
 * @param annotations of the approved definition; `undefined` where it has none, or is not approved
 */
export function tierOf(tool: string, annotations: JsonValue | undefined, settings: TierSettings): Tier {
  const configured = TIERS.filter((tier) => settings[tier].some((pattern) => matchesPattern(pattern, tool))).at(-1);
  if (configured !== undefined) return configured;
  return settings.annotations === 'approved' ? tierIn(annotations) : 'dangerous';
}

function tierIn(annotations: JsonValue | undefined): Tier {
  const [readOnly, destructive] = ['readOnlyHint', 'destructiveHint'].map((hint) => memberOf(annotations, hint));
  if (readOnly === true && destructive !== true) return 'read';
  // Absent, it stands for true (MCP 2025-11-25, ToolAnnotations).
  return (readOnly === false || readOnly === undefined) && destructive === false ? 'write' : 'dangerous';
}
