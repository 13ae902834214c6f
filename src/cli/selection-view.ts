import type { RequestView } from '../model/alert.js';
import { mostUrgent } from '../model/drift.js';
import { loadView } from '../monitor/assess.js';
import type { Store } from '../ports.js';
import { type Line, requestLines } from '../render/request-lines.js';
import type { Selection } from './find-request.js';
import type { Terminal } from './terminal.js';

/** Returns the exact change that a decision about the selection would settle, as lines. */
export async function selectionLines(selection: Selection, store: Store, terminal: Terminal): Promise<readonly Line[]> {
  return requestLines(narrow(await loadView(selection.request, store), selection), { width: terminal.width });
}

/** Leaves out what a decision about single definitions does not settle. */
function narrow(view: RequestView, { only }: Selection): RequestView {
  if (only === undefined) return view;
  const { request } = view;
  const changes = request.changes.filter(({ refText }) => only.includes(refText));
  const findings = request.findings.filter(({ refText }) => only.includes(refText));
  const urgency = mostUrgent(changes.map((change) => change.urgency));
  return { ...view, request: { ...request, changes, findings, urgency } };
}
