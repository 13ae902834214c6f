import type { DefinitionKind } from './definition.js';
import type { Pointer } from './pointer.js';

/**
 * Text that an honest server changes by itself (a date, a working directory) and that is therefore replaced before
 * fingerprinting. It stays in the scan, and the masks are part of the server's provenance: changing one needs approval.
 */
export interface Mask {
  readonly kind: DefinitionKind;
  /** The definition's name; empty for instructions. `*` for every definition of the kind. */
  readonly name: string;
  /** Where in the definition; must be a string there, else the mask does nothing. */
  readonly pointer: Pointer;
  /** A re2js pattern. What it matches is masked only where it is at most 64 characters long and has no space in it. */
  readonly pattern: string;
}

/** What stands in the masked form for the text that was taken out. */
export const MASK_TEXT = '[volatile]';
