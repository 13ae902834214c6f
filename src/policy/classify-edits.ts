import type { Change, Edit } from '../model/drift.js';
import type { JsonValue } from '../model/json.js';
import { pointerTokens } from '../model/pointer.js';
import { quote } from '../quote.js';
import { classifyAnnotations } from './classify-annotations.js';
import { classifyIcon, classifyMeta } from './classify-decoration.js';
import { classifyPackage } from './classify-package.js';
import { classifyPrompt } from './classify-prompt.js';
import { classifyResource } from './classify-resource.js';
import { classifySchemas } from './classify-schemas.js';
import { classifyServer } from './classify-server.js';
import { type Meaning, placeOf, unknownMember, wording } from './meaning.js';

/** Returns what the edits of one change mean, by the kind of definition and by their place: at least one meaning for each. */
export function classifyEdits(
  change: Change,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly Meaning[] {
  const byPlace = change.edits.flatMap((edit) => classifyEdit(change, edit));
  return change.ref.kind === 'tool' ? [...byPlace, ...classifySchemas(change.edits, before, after)] : byPlace;
}

function classifyEdit({ ref }: Change, edit: Edit): readonly Meaning[] {
  const [first = '', ...rest] = pointerTokens(edit.pointer);
  switch (ref.kind) {
    case 'tool':
      return classifyDeclared(first, edit) ?? classifyTool(first, rest, edit);
    case 'prompt':
      return classifyDeclared(first, edit) ?? classifyPrompt(first, rest, edit);
    case 'resource':
    case 'resource-template':
      return classifyDeclared(first, edit) ?? classifyResource(first, rest, edit);
    case 'server':
      return classifyServer(first, rest, edit);
    case 'posture':
      return [classifyPosture(first, edit)];
    case 'certificate':
      return [{ class: 'identity', because: 'the certificate of the server ends soon, and is another one' }];
    case 'provenance':
      if (first === 'package') return [classifyPackage(rest[0], edit)];
      return [{ class: 'identity', because: `${placeOf(edit)} changed` }];
    case 'instructions':
    case 'face':
      return [{ class: 'identity', because: `${placeOf(edit)} changed` }];
  }
}

function classifyPosture(line: string, edit: Edit): Meaning {
  return edit.after === 'met'
    ? { class: 'narrowing', because: `the server meets ${quote(line, 60)} now` }
    : { class: 'identity', because: `what the server meets of ${quote(line, 60)} changed` };
}

/** Members that tools, prompts and resources have in common. */
function classifyDeclared(first: string, edit: Edit): readonly Meaning[] | undefined {
  switch (first) {
    case 'name':
    case 'title':
    case 'description':
      return [wording(edit)];
    case 'icons':
      return classifyIcon(edit);
    case '_meta':
      return classifyMeta(edit);
    default:
      return undefined;
  }
}

function classifyTool(first: string, rest: readonly string[], edit: Edit): readonly Meaning[] {
  switch (first) {
    case 'inputSchema':
    case 'outputSchema':
      // The two whole schemas are compared: what an edit means depends on what else stands in them.
      return [];
    case 'annotations':
      return classifyAnnotations(rest, edit);
    case 'execution':
      // How a client may run the tool, in words such as "optional": text by its form, a switch by what it does.
      return [{ class: 'capability', because: `${placeOf(edit)} changed` }];
    default:
      return [unknownMember(edit)];
  }
}
