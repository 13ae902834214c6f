import type { Definition } from '../model/definition.js';
import type { Text } from './collect-texts.js';
import { detectForeignToolDirective } from './detect-foreign-tool.js';
import {
  detectBidiControls,
  detectControlCharacters,
  detectInvisibleCharacters,
  detectLongPadding,
  detectTagCharacters,
  detectTagText,
  detectTerminalCommands,
  detectVariationSelectorData,
} from './detect-hidden-characters.js';
import { detectReadOnlyLie } from './detect-read-only-lie.js';
import { detectMixedScriptWord } from './detect-mixed-script.js';
import { detectSentenceAsName } from './detect-sentence-as-name.js';
import { detectConfusableToolName, detectSameRareToolName, detectSameToolName } from './detect-tool-name.js';
import type { Match } from './finding-of.js';
import type { Neighbourhood } from './neighbourhood.js';
import type { DetectorName } from './rule.js';
import type { TextDetector } from './text-detector.js';

/** Finds in a definition what only the tools around it show, or its other members; `texts` are its strings that the rule is about. */
export type ContextDetector = (
  definition: Definition,
  context: Neighbourhood,
  texts: () => readonly Text[],
) => readonly Match[];

/** Every detector that a rule can name. */
export const DETECTOR_OF: Readonly<
  Record<
    DetectorName,
    | {
        readonly kind: 'text';
        readonly detect: TextDetector;
        /** Whether it finds something in texts of nothing but printable ASCII, too. */
        readonly readsPlain?: true;
      }
    | { readonly kind: 'context'; readonly detect: ContextDetector }
  >
> = {
  'invisible-characters': { kind: 'text', detect: detectInvisibleCharacters },
  'bidi-controls': { kind: 'text', detect: detectBidiControls },
  'tag-characters': { kind: 'text', detect: detectTagCharacters },
  'tag-text': { kind: 'text', detect: detectTagText },
  'control-characters': { kind: 'text', detect: detectControlCharacters },
  'terminal-commands': { kind: 'text', detect: detectTerminalCommands },
  'variation-selector-data': { kind: 'text', detect: detectVariationSelectorData },
  'long-padding': { kind: 'text', detect: detectLongPadding, readsPlain: true },
  'sentence-as-name': { kind: 'text', detect: detectSentenceAsName, readsPlain: true },
  'mixed-script-word': { kind: 'text', detect: detectMixedScriptWord },
  'same-tool-name': { kind: 'context', detect: detectSameToolName },
  'same-rare-tool-name': { kind: 'context', detect: detectSameRareToolName },
  'confusable-tool-name': { kind: 'context', detect: detectConfusableToolName },
  'foreign-tool-directive': { kind: 'context', detect: detectForeignToolDirective },
  'read-only-lie': { kind: 'context', detect: detectReadOnlyLie },
};
