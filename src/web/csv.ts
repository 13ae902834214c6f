/**
 * Spreadsheets take a cell that begins so for a formula, and run it (OWASP, "CSV injection"; CWE-1236): some skip white space
 * before it, some take the wide forms of the signs for the signs.
 */
const FORMULA_START = /^(?:\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n])/;

/**
 * Returns one record of a CSV file (RFC 4180), its line break included. A cell that a spreadsheet would run as a formula gets a
 * single quote in front: texts in it come from servers and from people.
 */
export function csvRecord(cells: readonly (string | number)[]): string {
  return `${cells.map(toCell).join(',')}\r\n`;
}

function toCell(value: string | number): string {
  // A number of ours starts no formula, also a negative one.
  const text = typeof value === 'string' && FORMULA_START.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
