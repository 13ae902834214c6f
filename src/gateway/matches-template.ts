import { RE2JS } from 're2js';

/** Longer templates and addresses are matched by none. */
const MAX_LENGTH = 4_096;

/**
 * Whether an address may have come from a template (RFC 6570): each expression stands for text without a slash, one with `+`, `#` or
 * `*` for any text. Matched in linear time, since both come from others.
 */
export function matchesTemplate(uri: string, template: string): boolean {
  if (uri.length > MAX_LENGTH || template.length > MAX_LENGTH) return false;
  const parts = template.split(/(\{[^{}]*\})/);
  const pattern = parts.map((part, index) => (index % 2 === 0 ? RE2JS.quote(part) : patternOf(part))).join('');
  return RE2JS.compile(pattern).matches(uri);
}

function patternOf(expression: string): string {
  if (/^\{[+#]/.test(expression) || expression.includes('*')) return '[^\\s]*';
  // Queries are optional, and may have a slash in a value.
  return /^\{[?&]/.test(expression) ? '[^\\s]*' : '[^/\\s]*';
}
