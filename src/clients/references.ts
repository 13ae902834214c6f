import type { ClientName } from './client.js';
import { isPlainValue, isSecretName } from './looks-secret.js';

/** A text of a client's file as a configuration of ours writes it. */
export interface Referring {
  readonly text: string;
  /** The same without what comes from variables. */
  readonly rest: string;
  /** A variable that only the client knows, such as its workspace; `undefined` where there is none. */
  readonly foreign: string | undefined;
}

/** Returns a text with every reference to a variable of the environment written as `${NAME}`. */
export function toReferences(text: string, client: ClientName): Referring {
  const written = DIALECTS.filter(({ of }) => of === undefined || of === client).reduce(
    (result, { pattern }) => result.replace(pattern, '${$1}'),
    text,
  );
  let foreign: string | undefined;
  const known = written.replace(/\$\{([^}]*)\}?/g, (whole, inside: string) => {
    const [, name, fallback] = /^(?:env:)?([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inside) ?? [];
    if (name === undefined || OF_EDITORS.test(name) || !whole.endsWith('}')) {
      foreign ??= whole;
      return whole;
    }
    // A default that may be a secret is left out: the variable has to be set then.
    const isKept = fallback === undefined || (isPlainValue(fallback) && !isSecretName(name));
    return isKept ? whole : `\${${name}}`;
  });
  return { text: known, rest: known.replace(REFERENCE, ''), foreign };
}

/** Returns the names of the variables without which a text cannot be filled in. */
export function neededBy(text: string): readonly string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, name, fallback]) =>
    name === undefined || fallback !== undefined ? [] : [name],
  );
}

/** Returns the names of all variables in a text, those with a default too. */
export function referencesIn(text: string): readonly string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, name]) => name ?? []);
}

/** https://code.visualstudio.com/docs/reference/variables-reference, and what others have of it; `__dirname`: Junie. */
const OF_EDITORS =
  /^(?:workspace\w*|userHome|file\w*|relativeFile\w*|cwd|execPath|pathSeparator|lineNumber|selectedText|extensionPath|__dirname)$/;

const REFERENCE = /\$\{(?:env:)?([A-Za-z_]\w*)(:-[^}]*)?\}/g;

interface Dialect {
  readonly of?: ClientName;
  readonly pattern: RegExp;
}

const DIALECTS: readonly Dialect[] = [
  // https://docs.continue.dev/reference: secrets
  { of: 'Continue', pattern: /\$\{\{\s*secrets\.([A-Za-z_]\w*)\s*\}\}/g },
  // https://opencode.ai/docs/config: variables
  { of: 'OpenCode', pattern: /\{env:([A-Za-z_]\w*)\}/g },
  // https://geminicli.com/docs/cli/configuration: $VAR in settings
  { of: 'Gemini CLI', pattern: /\$([A-Za-z_]\w*)/g },
];
