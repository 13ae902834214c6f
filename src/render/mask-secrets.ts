/**
 * Returns text in which what looks like a secret is masked but for its first characters; the length stays, so that places in the
 * text stay what they are.
 *
 * A definition can carry somebody's token by mistake, and alerts go to mailboxes. Digests are not masked: people compare them.
 */
export function maskSecrets(text: string): string {
  if (!HAS_SIGN.test(text)) return text;
  return PATTERNS.reduce((masked, pattern) => masked.replace(pattern, maskMatch), text);
}

/** Enough to recognise which secret it is, too little to use it. */
const SHOWN = 4;

/** What one of the patterns needs; most texts have none of it. */
const HAS_SIGN =
  /-----BEGIN|gh[pousr]_|github_pat_|glpat-|npm_|xox|AKIA|ASIA|AIza|[srp]k_|sk-|eyJ|key|token|secret|passw|pwd|authorization|credential|bearer|:\/\//i;

/** A line break, also as JSON writes it, with what stands around it. */
const BREAK = String.raw`[ \t]{0,20}(?:[\r\n]|\\{1,4}[nr])(?:\s|\\{1,4}[nrt]){0,40}`;

/** What a private key consists of behind its first line: RFC 7468, and the headers of RFC 1421. */
const KEY_PARTS: readonly string[] = [
  String.raw`${BREAK}(?:Proc-Type: ?4,ENCRYPTED|DEK-Info: ?[A-Z0-9,-]{1,80})`,
  String.raw`${BREAK}[A-Za-z0-9+/=]+(?=[ \t]*(?:[\r\n\\"'\x60]|-----END|$))`,
  // Written on one line.
  String.raw`[ \t]{0,20}[A-Za-z0-9+/=]{40,}`,
  String.raw`[ \t]{0,20}[A-Za-z0-9+/=]+(?=[ \t]{0,20}-----END)`,
];

/** Ends with the first line that is none of a key. Attack: a call that begins one, so that whoever reads it sees nothing of the rest. */
const PRIVATE_KEY = new RegExp(
  String.raw`()-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:${KEY_PARTS.join('|')})*(?:(?:${BREAK}|[ \t]{0,20})-----END [A-Z ]{0,40}PRIVATE KEY-----)?`,
  'g',
);

const PATTERNS: readonly RegExp[] = [
  PRIVATE_KEY,
  // GitHub, GitLab, npm, Slack, AWS, Google, Stripe, OpenAI and Anthropic.
  /()\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /()\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /()\bglpat-[A-Za-z0-9_-]{16,}/g,
  /()\bnpm_[A-Za-z0-9]{30,}/g,
  /()\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /()\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /()\bAIza[0-9A-Za-z_-]{30,}/g,
  /()\b[srp]k_(?:live|test)_[A-Za-z0-9]{10,}/g,
  /()\bsk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}/g,
  // JSON Web Tokens (RFC 7519).
  /()\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  // What a name announces as secret: letters and digits mixed, long.
  /((?:key|token|secret|passw(?:or)?d|pwd|authorization|credentials?)["']?\s{0,3}[=:]\s{0,3}["']?(?:(?:bearer|basic|token)\s+)?)(?=[A-Za-z+/_-]{0,60}[0-9])(?=[0-9+/_-]{0,60}[A-Za-z])(?!(?:v\d+:)?sha\d+[:-])[A-Za-z0-9+/_=-]{20,}/gi,
  /(\bbearer\s+)(?=[A-Za-z+/_.-]{0,60}[0-9])[A-Za-z0-9+/_=.-]{20,}/gi,
  // The password in a URL (RFC 3986, section 3.2.1).
  /([a-z][a-z0-9+.-]{1,15}:\/\/[^\s/:@]{1,100}:)(?!\$\{)[^\s/@]{3,200}(?=@)/gi,
];

function maskMatch(match: string, kept: string): string {
  const secret = match.slice(kept.length);
  return kept + secret.slice(0, SHOWN) + secret.slice(SHOWN).replace(/[^\n\r]/g, '•');
}
