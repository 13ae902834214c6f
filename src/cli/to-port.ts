import { InvalidArgumentError } from 'commander';

/** Returns a port of the command line. */
export function toPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('must be a port, 0 to 65535.');
  return port;
}
