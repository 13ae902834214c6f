import type { Writable } from 'node:stream';

import { writeLine } from '../mcp/write-line.js';
import type { JsonValue } from '../model/json.js';
import { type ClientEnd, oneLine } from './client-end.js';

/** The client's end over standard output: one message on each line (MCP 2025-11-25, Transports). */
export class StdioClient implements ClientEnd {
  readonly #stdout: Writable;

  constructor(stdout: Writable) {
    this.#stdout = stdout;
  }

  reply(_: JsonValue, text: string): void {
    this.send(text);
  }

  send(text: string): void {
    writeLine(this.#stdout, oneLine(text));
  }
}
