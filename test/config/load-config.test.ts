import { expect, test } from 'vitest';
import { refusal } from './world.js';
const cases: [string, string][] = [
  ['unknown', 'servres: {}\nmcpServers: {}\n'],
  ['unknown2', 'servers:\n  github:\n    comand: npx\n    wibble: 1\n'],
  [
    'types',
    'servers:\n  github:\n    command: npx\n    args: [--port, 3000]\n    env: { A: 1, B: true }\n    limits: { startMs: 0, maxPages: x }\nconcurrency: 0\n',
  ],
  ['missing', 'servers:\n  a: {}\n  b: { args: [x] }\nnotify:\n  email: { from: a@b }\n'],
  [
    'vars',
    'servers:\n  a:\n    command: x\n    env: { T: "${NOPE}", U: "${A B}" }\n  My Server: { command: "${GONE}" }\n',
  ],
  ['dups', 'servers:\n  a: { command: x }\n  b: { command: y }\n  a: { command: z }\n'],
  ['syntax', 'servers:\n  a: { command: [x\n'],
  ['names', 'servers:\n  My Server: { command: x }\n  "..": { command: x }\n'],
  [
    'url',
    'servers:\n  a: { url: "http://example.com/mcp" }\n  b: { url: "ftp://x" }\n  c: { url: "https://u:p@x/" }\n  d: { url: "http://127.0.0.1:{port}/" }\n  e: { url: "https://x/", type: stdio, cwd: x }\n  f: { command: x, headers: {} , type: http}\n',
  ],
  [
    'sched',
    'defaults: { schedule: 5 minutes, timeZone: Mars/One }\nservers:\n  a: { command: x }\n  b: { command: x, schedule: 0s, maxUnchecked: 5w }\n',
  ],
  [
    'masks',
    'servers:\n  a:\n    command: x\n    volatile:\n      - { kind: tool, pointer: description, pattern: "(?=x)" }\n      - { kind: provenance, pattern: x }\n',
  ],
  ['policy', 'policy: { autoApprove: [cosmetic, wording], blockLevel: huge }\n'],
  [
    'notify',
    'notify:\n  email:\n    from: "x"\n    to: ["a@b\\nBcc: c@d"]\n    smtp: { host: mail.example.com, security: none, user: u, ca: nope.pem }\n',
  ],
  ['serve', 'serve: { host: 0.0.0.0, publicUrl: "http://x.example.com", port: 70000 }\n'],
  ['serve2', 'serve: { host: 0.0.0.0, publicUrl: "http://x.example.com" }\n'],
  ['list', '- a\n'],
  ['null', 'servers:\n  a:\n'],
  ['anchor', 'a: &a [*a]\n'],
  ['empty', ''],
];
test('x', () => {
  for (const [n, t] of cases) console.log(n + '\n  ' + refusal(t).join('\n  '));
  expect(1).toBe(1);
});
