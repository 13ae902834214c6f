/** Whether the name of a variable, header, option or parameter says that its value is a secret. Says so rather too often. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

const SECRET_NAME =
  /key|token|secret|pass|pwd|pw(?:$|[^a-z])|psk|auth|credential|cookie|session|signature|private|bearer|jwt|dsn|webhook|licen[cs]e|conn(?:ection)?.?str|(?:database|db|redis|mongo\w*).?ur[il]|(?:^|[^a-z])(?:pat|pin|otp|sas|sid|creds?|code)(?:$|[^a-z])/i;

/** Whether a value is surely no secret, whatever its name. What is not known for sure is none of these. */
export function isPlainValue(value: string): boolean {
  return PLAIN.some((pattern) => pattern.test(value)) || isPlainPath(value) || isPlainUrl(value);
}

const PLAIN: readonly RegExp[] = [
  /^$/,
  // Numbers with a unit; longer ones can be codes.
  /^\d{1,5}(?:\.\d{1,3})?[a-z]{0,2}$/i,
  // Versions and dates.
  /^v?\d{1,4}(?:[.-]\d{1,4}){1,3}$/,
  // Words, such as production or streamable-http, and regions, such as eu-west-1.
  /^[A-Za-z]{1,16}(?:[-_.][A-Za-z]{1,16}){0,3}(?:-\d{1,2})?$/,
];

function isPlainPath(value: string): boolean {
  return /^(?:(?:~|\.{1,2})?[/\\]|[A-Za-z]:[/\\])/.test(value) && !value.split(/[/\\:;]/).some(isOpaque);
}

function isPlainUrl(value: string): boolean {
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return false;
  const { username, password, search, hash, pathname, hostname } = new URL(value);
  const rest = username + password + search + hash;
  return rest === '' && !pathname.split('/').some(isOpaquePart) && !hostname.split('.').some(isOpaque);
}

/** Whether a text holds what people do not write by hand: a token, a key, an identifier. */
export function isOpaque(text: string): boolean {
  return UUID.test(text) || (text.match(RUNS) ?? []).some(isRandom);
}

/** Whether a part of an address's path may be a key, however short: letters and digits mixed, other than a version or a word with a number. */
export function isOpaquePart(part: string): boolean {
  const isMixed = part.length >= MIN_KEY && /\d/.test(part) && /[A-Za-z]/.test(part);
  return isOpaque(part) || (isMixed && !WORD_WITH_NUMBER.test(part) && !part.startsWith('@'));
}

/** Shorter ones can be tried. */
const MIN_KEY = 6;

/** Such as oauth2, mcp-v1 and release-2025-11-25. */
const WORD_WITH_NUMBER =
  /^[A-Za-z]{2,16}(?:[-_.][A-Za-z]{1,16}){0,3}[-_.]?v?\d{1,2}(?:[-_.]\d{1,4}){0,3}$|^v\d{1,2}(?:alpha|beta)\d{1,2}$/;

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i;
const RUNS = /[A-Za-z0-9_+=-]{16,}/g;

/** Letters and digits mixed within one word, or letters of both cases in one that is too long for a name. */
function isRandom(run: string): boolean {
  const isMixed = run.split(/[-_+=]/).some((word) => word.length >= 16 && /\d/.test(word) && /[A-Za-z]/.test(word));
  const isLong = run.length >= 32 && /\d/.test(run) && /[a-z]/.test(run) && /[A-Z]/.test(run);
  const isCased = run.split(/[-_+=]/).some((word) => word.length >= 30 && /[a-z]/.test(word) && /[A-Z]/.test(word));
  return isMixed || isLong || isCased || /^\d{16,}$/.test(run);
}
