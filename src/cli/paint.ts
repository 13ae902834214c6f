/** Colours, or none: `paint.red(text)`. */
export type Paint = Readonly<Record<keyof typeof STYLES, (text: string) => string>>;

const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

/** Returns the styles, which return their text unchanged where colour is not wanted. */
export function createPaint(isColoured: boolean): Paint {
  const style = (name: keyof typeof STYLES): ((text: string) => string) => {
    const [on, off] = STYLES[name];
    return isColoured ? (text) => `\u001b[${on}m${text}\u001b[${off}m` : (text) => text;
  };
  return {
    bold: style('bold'),
    dim: style('dim'),
    red: style('red'),
    green: style('green'),
    yellow: style('yellow'),
    magenta: style('magenta'),
    cyan: style('cyan'),
  };
}
