/** A decimal of so few characters, without an exponent, survives the way through a double (IEEE 754: 15 digits do). */
const ALWAYS_EXACT_LENGTH = 15;

/**
 * Returns whether the double nearest to a JSON number, written as shortly as possible, is another decimal number than the
 * one that was written: so for `12345678901234567890`, but not for `0.1`, `1.0`, `1e3` or `4.50`.
 */
export function isInexact(lexeme: string, value: number): boolean {
  if (lexeme.length <= ALWAYS_EXACT_LENGTH && !/[eE]/.test(lexeme)) return false;
  return normalize(lexeme) !== normalize(String(value));
}

/** Returns a decimal number as its significant digits and the power of ten of the last: `4.50` is `45e-1`; zero is `0`. */
function normalize(lexeme: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(lexeme) ?? [];
  const digits = whole + fraction;
  let start = 0;
  let end = digits.length;
  // By hand, since `/0+$/` takes quadratic time on a long run of zeros that another digit follows.
  while (start < end && digits.charCodeAt(start) === 0x30) start++;
  while (end > start && digits.charCodeAt(end - 1) === 0x30) end--;
  if (start === end) return '0';
  const power = Number(exponent) - fraction.length + (digits.length - end);
  return `${sign}${digits.slice(start, end)}e${power}`;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
