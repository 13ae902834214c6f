import type { Finding, Severity } from './finding.js';
import type { JsonValue } from './json.js';
import type { Pointer } from './pointer.js';

/** A rule's match in what a tool, a resource or a prompt returned. */
export interface OutputFinding {
  readonly rule: string;
  /** One sentence on what the text is or would make the model do, in our words. */
  readonly title: string;
  readonly severity: Severity;
  readonly confidence: Finding['confidence'];
  /** The string that matched, or the item with the bytes. Names of members are the server's: a pointer is quoted where it is shown. */
  readonly pointer: Pointer;
  /** What kind of place that is: only a `text` and a `binary` can be replaced; a member's name, a URI, a type cannot. */
  readonly place: 'text' | 'binary' | 'fixed';
  /** The matched text with a little around it, quoted, secrets masked; empty where nothing is to be shown. */
  readonly excerpt: string;
}

/** What was changed in a result. */
export interface OutputChange {
  readonly pointer: Pointer;
  readonly what:
    | 'terminal-codes'
    | 'control-characters'
    | 'tag-characters'
    | 'invisible-characters'
    | 'bidi-controls'
    | 'variation-selectors'
    | 'cut';
}

/** Bytes in a result: an image, audio, the blob of a resource. */
export interface OutputBinary {
  /** The item that holds them. */
  readonly pointer: Pointer;
  /** As declared, the server's text; empty where it is missing. */
  readonly mimeType: string;
  /** After decoding. */
  readonly bytes: number;
  /** Whether the first bytes are those of the declared type; `unknown` for types that we cannot tell. */
  readonly content: 'as-declared' | 'other' | 'unknown' | 'not-base64';
}

/** A resource that a result names. */
export interface OutputLink {
  readonly pointer: Pointer;
  /** In lower case, without the colon; empty where the URI has none. */
  readonly scheme: string;
}

/** A result with what was found in it. */
export interface CheckedOutput {
  /** Without what a person does not see; the same object where nothing was changed. */
  readonly result: JsonValue;
  readonly findings: readonly OutputFinding[];
  readonly changed: readonly OutputChange[];
  readonly binary: readonly OutputBinary[];
  readonly links: readonly OutputLink[];
  /** Whether all of it was read: false where a limit cut text or the scan. */
  readonly isWhole: boolean;
}
