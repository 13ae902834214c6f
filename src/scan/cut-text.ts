/** The beginning of a text. */
export interface CutText {
  readonly kept: string;
  /** Of what is kept, in UTF-8. */
  readonly bytes: number;
  readonly isCut: boolean;
}

/** Returns what of a text fits into so many bytes of UTF-8; no character is torn apart. */
export function cutText(text: string, maxBytes: number): CutText {
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes <= maxBytes) return { kept: text, bytes, isCut: false };
  const { read, written } = new TextEncoder().encodeInto(text, new Uint8Array(Math.max(0, maxBytes)));
  return { kept: text.slice(0, read), bytes: written, isCut: true };
}
