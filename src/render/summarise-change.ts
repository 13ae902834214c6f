import type { Change, ClassifiedChange } from '../model/drift.js';
import type { DefinitionRef } from '../model/definition.js';
import { quote } from '../quote.js';

/** Names longer than this are cut where a change has one line. */
const MAX_NAME = 60;

/** Returns one short sentence on a change, for tables and subjects: `tool "create_issue" changed`. */
export function summariseChange(change: Pick<ClassifiedChange, 'kind' | 'ref'>): string {
  return `${definitionName(change.ref)} ${VERB[change.kind]}`;
}

/** Returns how a definition is called in a sentence, its name quoted. */
export function definitionName(ref: DefinitionRef): string {
  switch (ref.kind) {
    case 'tool':
    case 'prompt':
    case 'resource':
    case 'resource-template':
      return `${ref.kind.replace('-', ' ')} ${ref.position === undefined ? quote(ref.name, MAX_NAME) : `number ${ref.position + 1}`}`;
    case 'instructions':
      return 'the instructions';
    case 'server':
      return 'what the server says of itself';
    case 'provenance':
      return 'where the server comes from';
    case 'posture':
      return 'what the server meets of the specification';
    case 'certificate':
      return 'a certificate that ends soon';
    case 'face':
      return `what it shows to others, ${quote(ref.name, MAX_NAME)},`;
  }
}

const VERB: Readonly<Record<Change['kind'], string>> = {
  added: 'is new',
  removed: 'is gone',
  changed: 'changed',
  renamed: 'has another name',
  reprovenanced: 'comes from elsewhere',
};
