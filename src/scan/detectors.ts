import type { Definition } from '../model/definition.js';
import type { Text } from './collect-texts.js';
import { detectForeignToolDirective } from './detect-foreign-tool.js';
import {
  detectBidiControls,
  detectControlCharacters,
  detectInvisibleCharacters,
  detectTagCharacters,
  detectTagText,
  detectVariationSelectorData,
} from './detect-hidden-characters.js';
import { detectMixedScriptWord } from './detect-mixed-script.js';
import { detectConfusableToolName, detectSameToolName } from './detect-tool-name.js';
import type { Match } from './finding-of.js';
import type { Neighbourhood } from './neighbourhood.js';
import type { DetectorName } from './rule.js';

/** Finds in one string of a definition what a regular expression cannot say. */
export type Detector = (text: Text, definition: Definition, context: Neighbourhood) => readonly Match[];

/** Every detector that a rule can name. */
export const DETECTOR_OF: Readonly<Record<DetectorName, Detector>> = {
  'invisible-characters': detectInvisibleCharacters,
  'bidi-controls': detectBidiControls,
  'tag-characters': detectTagCharacters,
  'tag-text': detectTagText,
  'control-characters': detectControlCharacters,
  'variation-selector-data': detectVariationSelectorData,
  'mixed-script-word': detectMixedScriptWord,
  'same-tool-name': detectSameToolName,
  'confusable-tool-name': detectConfusableToolName,
  'foreign-tool-directive': detectForeignToolDirective,
};
