/** Exponents beyond these make no multiple of anything that a schema means. */
const MAX_SHIFT = 400;

/** Returns whether a number is a multiple of another, as they are written in decimals: 0.0075 is one of 0.0001. */
export function isMultipleOf(value: number, factor: number): boolean {
  if (factor === 0) return false;
  const [a, b] = [decimal(value), decimal(factor)];
  const exponent = Math.min(a.exponent, b.exponent);
  if (a.exponent - exponent > MAX_SHIFT || b.exponent - exponent > MAX_SHIFT) return Number.isInteger(value / factor);
  return scaled(a, exponent) % scaled(b, exponent) === 0n;
}

interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

function decimal(value: number): Decimal {
  const [mantissa = '0', power = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

function scaled({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}
