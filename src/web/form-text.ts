/** Returns what somebody wrote into a text area; `undefined` for nothing. It sends CRLF line breaks (HTML, "constructing the entry list"). */
export function formText(text: string | undefined): string | undefined {
  const written = text?.replaceAll('\r\n', '\n').trim();
  return written === '' ? undefined : written;
}
