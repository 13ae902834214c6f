import { RE2JS } from 're2js';

/** Longer templates and addresses are matched by none. */
const MAX_LENGTH = 4_096;

/**
 * Whether an address may have come from a template (RFC 6570): each expression stands for text without a slash, one with `+`, `#` or
 * `*` for any text. Matched in linear time, since both come from others.
 */
export function matchesTemplate(uri: string, template: string): boolean {
  if (uri.length > MAX_LENGTH || template.length > MAX_LENGTH) return false;
  // Attack: a value that leaves the place where the template has it.
  if (
    decoded(uri)
      .split(/[/\\?#]/)
      .includes('..')
  )
    return false;
  const parts = template.split(/(\{[^{}]*\})/);
  const pattern = parts.map((part, index) => (index % 2 === 0 ? RE2JS.quote(part) : patternOf(part))).join('');
  return RE2JS.compile(pattern).matches(uri);
}

/** Returns an address without what many servers read over: a query, a fragment, encoding, the other kind of slash, dots and empty parts. */
export function plainUri(uri: string): string {
  const [path = ''] = decoded(uri).replaceAll('\\', '/').split(/[?#]/, 1);
  const [scheme = '', ...rest] = path.split('://');
  const parts = (rest.length === 0 ? scheme : rest.join('://'))
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  return `${rest.length === 0 ? '' : `${scheme.toLowerCase()}://`}${parts.join('/')}`;
}

/** Encoded again and again is no other address. */
function decoded(uri: string): string {
  let text = uri;
  for (let round = 0; round < 4; round += 1) text = text.replaceAll(/(?:%[0-9a-f]{2})+/gi, decodedRun);
  return text;
}

function decodedRun(run: string): string {
  return Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8');
}

function patternOf(expression: string): string {
  if (/^\{[+#]/.test(expression) || expression.includes('*')) return '[^\\s]*';
  // Queries are optional, and may have a slash in a value.
  return /^\{[?&]/.test(expression) ? '[^\\s]*' : '[^/?#\\s]*';
}
