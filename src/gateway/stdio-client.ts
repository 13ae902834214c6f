import type { Writable } from 'node:stream';

import { writeLine } from '../mcp/write-line.js';
import type { JsonValue } from '../model/json.js';
import {
  acknowledgement,
  type AnnouncedList,
  changeText,
  type ClientEnd,
  MAX_UNREAD_BYTES,
  oneLine,
} from './client-end.js';

/** The client's end over standard output: one message on each line (MCP 2025-11-25, Transports). */
export class StdioClient implements ClientEnd {
  readonly isAskable = true;
  readonly #stdout: Writable;
  readonly #subscriptions = new Map<JsonValue, readonly AnnouncedList[]>();

  constructor(stdout: Writable) {
    this.#stdout = stdout;
  }

  reply(_: JsonValue, text: string): void {
    this.#write(text);
  }

  send(text: string): void {
    if (this.#stdout.writableLength <= MAX_UNREAD_BYTES) this.#write(text);
  }

  announce(list: AnnouncedList): void {
    if (this.#subscriptions.size === 0) this.#write(changeText(list));
    for (const [id, lists] of this.#subscriptions) if (lists.includes(list)) this.#write(changeText(list, id));
  }

  subscribe(id: JsonValue, lists: readonly AnnouncedList[]): () => void {
    this.#subscriptions.set(id, lists);
    this.#write(acknowledgement(lists, id));
    return () => {
      this.#subscriptions.delete(id);
    };
  }

  #write(text: string): void {
    writeLine(this.#stdout, oneLine(text));
  }
}
