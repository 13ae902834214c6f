// Does what stands in a JSON file, read anew for each message:
//   lists      by method, an array of pages; a page is an array of definitions, or the JSON text of one
//   beside     members of the result of every list, beside the list
//   say        members of the answer to initialize
//   announces  whether a change of the file is announced; `storm`: without end while somebody lists
//   before     by method, lines to write before the answer; `$ID` is the id of the request
//   results    by method, the result; by default a text that names what was called
//   asks       by method, a request to send to the client first; its answer is the text of the result
//   answerAs   the result after the answer to what it asked, instead of that text
//   isSilent   whether lists are answered when the file says otherwise again
//   dies       a method at which the process ends
//
//   node scripted.mjs FILE
import { readFileSync, watchFile } from 'node:fs';

import { errorText, initializeResult, readLines, resultText, writeLine } from './json-rpc.mjs';

const [file] = process.argv.slice(2);
const LISTS = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
};
const waiting = new Map();
const silent = [];
const CHANGED = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';

readLines((message) => {
  const script = JSON.parse(readFileSync(file, 'utf8'));
  if (message.method === undefined) {
    waiting.get(message.id)?.(message);
    return;
  }
  if (message.method === 'notifications/cancelled') writeLine(logged(`cancelled ${message.params.requestId}`));
  if (message.id === undefined) return;
  if (message.method === script.dies) process.exit(1);
  for (const line of script.before?.[message.method] ?? [])
    writeLine(line.replaceAll('$ID', JSON.stringify(message.id)));
  const asked = script.asks?.[message.method];
  if (asked !== undefined) {
    waiting.set('asked', ({ result, error }) => {
      const { answerAs } = JSON.parse(readFileSync(file, 'utf8'));
      const answered = answerAs === undefined ? textResult(JSON.stringify(result ?? error)) : JSON.stringify(answerAs);
      writeLine(resultText(message.id, answered));
    });
    writeLine(JSON.stringify({ jsonrpc: '2.0', id: 'asked', ...asked }));
    return;
  }
  if (script.isSilent && message.method in LISTS) silent.push(message);
  else answer(message, script);
});

function answer(message, script) {
  const member = LISTS[message.method];
  if (message.method === 'initialize') {
    const all = { tools: { listChanged: true }, prompts: {}, resources: {}, logging: {} };
    writeLine(resultText(message.id, initializeResult(message, all, script.say)));
  } else if (member !== undefined) {
    if (script.announces === 'storm') writeLine(CHANGED);
    writeLine(resultText(message.id, pageOf(script, member, message)));
  } else if (script.results?.[message.method] === 'never') return;
  else if (script.results?.[message.method] !== undefined)
    writeLine(resultText(message.id, JSON.stringify(script.results[message.method])));
  else if (/^(?:tools\/call|prompts\/get|resources\/read|logging\/setLevel)$/.test(message.method))
    writeLine(resultText(message.id, textResult(`called ${message.params.name ?? message.params.uri ?? 'it'}`)));
  else writeLine(errorText(message.id, -32601, 'Method not found'));
}

function pageOf({ lists, beside = {} }, member, { method, params }) {
  const pages = lists?.[method] ?? [[]];
  const at = Number(params?.cursor ?? 0);
  const page = pages[at];
  const items = typeof page === 'string' ? page : JSON.stringify(page);
  const more = { ...beside, ...(at + 1 < pages.length ? { nextCursor: String(at + 1) } : {}) };
  return `{"${member}":${items}${JSON.stringify(more)
    .replace(/^\{(?!\})/, ',')
    .replace('{}', '}')}`;
}

function textResult(text) {
  return JSON.stringify({ content: [{ type: 'text', text }] });
}

function logged(data) {
  return JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data } });
}

watchFile(file, { interval: 40 }, () => {
  const script = JSON.parse(readFileSync(file, 'utf8'));
  if (script.announces !== false) writeLine(CHANGED);
  if (!script.isSilent) for (const message of silent.splice(0)) answer(message, script);
});
process.stdin.on('end', () => process.exit(0));
