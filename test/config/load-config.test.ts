import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { loadConfig } from '../../src/config/load-config.js';
import { configJsonSchema } from '../../src/config/schema.js';
import { CONFIG_TEMPLATE } from '../../src/config/template.js';
import { inFolder, load } from './world.js';

describe('a configuration', () => {
  test('takes an entry of a client as it is, and notes the keys that have no effect', () => {
    const entry = {
      command: 'npx',
      args: ['-y', 'server'],
      env: { TOKEN: 'x' },
      disabled: false,
      autoApprove: ['a'],
      timeout: 60,
    };
    const config = load(JSON.stringify({ servers: { github: entry } }));
    expect(config.servers.map(({ id }) => id)).toEqual(['github']);
    expect(config.notes).toEqual(['github: autoApprove, timeout have no effect here (of a client)']);
  });

  test('fills in variables, and keeps them out of the provenance and the digest', () => {
    const text =
      'servers:\n  a: { command: "${BIN:-node}", args: ["${ARG}"], env: { T: "Bearer ${TOKEN}", L: "$${X}", E: "${env:TOKEN}" } }\n';
    const first = load(text, { ARG: '1', TOKEN: 'secret' });
    const launch = first.servers[0]?.connection.launch;
    expect(launch).toMatchObject({ command: 'node', args: ['1'], env: { T: 'Bearer secret', L: '${X}', E: 'secret' } });
    expect(first.servers[0]?.provenance).toEqual({ type: 'stdio', command: '${BIN:-node}', args: ['${ARG}'] });
    expect(load(text, { ARG: '2', TOKEN: 'other' }).digest).toBe(first.digest);
    expect(load(text.replace('node', 'deno'), { ARG: '1', TOKEN: 'secret' }).digest).not.toBe(first.digest);
  });

  test.each([
    ['{ PATH: "./bin:${PATH}" }', { PATH: './bin:${PATH}' }],
    [
      '{ NODE_OPTIONS: "--require=./evil.cjs", LOG_LEVEL: debug, API_KEY: s3cret }',
      { NODE_OPTIONS: '--require=./evil.cjs' },
    ],
    ['{ "x=1;LD_PRELOAD": ./evil.so }', { 'x=1;LD_PRELOAD': './evil.so' }],
    ['{ NPM_TOKEN: a }', { NPM_TOKEN: 'sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' }],
    ['{ HTTPS_PROXY: "http://u:p@h" }', { HTTPS_PROXY: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as unknown }],
    ['{ LOG_LEVEL: debug }', undefined],
  ])('the same command line with other variables that decide what runs is another server: %s', (env, expected) => {
    const [server] = load(`servers: { a: { command: node, args: [s.js], env: ${env} } }`, { PATH: '/bin' }).servers;
    expect(server?.provenance).toEqual({
      type: 'stdio',
      command: 'node',
      args: ['s.js'],
      ...(expected === undefined ? {} : { env: expected }),
    });
  });

  test('a package is recorded only where that is asked for', () => {
    const { servers } = load(
      'servers: { a: { command: x, package: { record: true } }, b: { command: x, package: {} } }',
    );
    expect(servers.map(({ recordsPackage }) => recordsPackage)).toEqual([true, undefined]);
  });

  test('a policy on packages has every package looked at', () => {
    const packages =
      '{ minimumAge: 30d, requireProvenance: { repository: "https://github.com/acme/x" }, allowedRegistries: ["https://npm.corp.example/a/"], maximumSeverity: none }';
    const config = load(`servers: { a: { command: x } }\npolicy: { packages: ${packages} }`);
    expect(config.servers[0]?.recordsPackage).toBe(true);
    expect(config.policy.packages).toEqual({
      requirePinned: false,
      minimumAgeMs: 2_592_000_000,
      requireProvenance: { repository: 'https://github.com/acme/x' },
      forbidInstallScripts: false,
      allowedRegistries: ['https://npm.corp.example/a'],
      maximumSeverity: 'none',
    });
    expect(load('policy: { packages: { requireProvenance: true } }').policy.packages?.requireProvenance).toEqual({});
    expect(load('policy: {}').policy.packages).toBeUndefined();
  });

  test('a variable that is set to nothing takes the default, or stays empty', () => {
    const launch = load('servers: { a: { command: x, args: ["${A:-b}", "${A}"] } }', { A: '' }).servers[0]?.connection
      .launch;
    expect(launch?.args).toEqual(['b', '']);
  });

  test.each([
    ['30s', { kind: 'every', intervalMs: 30_000 }],
    ['5m', { kind: 'every', intervalMs: 300_000 }],
    ['1h', { kind: 'every', intervalMs: 3_600_000 }],
    ['"*/5 * * * *"', { kind: 'cron', expression: '*/5 * * * *', timeZone: 'Europe/Berlin' }],
  ])('reads the schedule %s', (schedule, expected) => {
    const [server] = load(`servers: { a: { command: x, timeZone: Europe/Berlin, schedule: ${schedule} } }`).servers;
    expect(server?.schedule).toEqual(expected);
  });

  test('an entry with both is started and then connected to, and its masks belong to its provenance', () => {
    const mask = { kind: 'tool', name: 'r', pointer: '/description', pattern: '\\d+' };
    const entry = {
      type: 'streamable-http',
      command: 'node',
      args: ['s.js'],
      env: { PORT: '{port}' },
      url: 'http://127.0.0.1:{port}/mcp',
      volatile: [mask],
    };
    const [server] = load(JSON.stringify({ servers: { r: entry } })).servers;
    expect(server?.connection).toMatchObject({
      kind: 'http',
      transport: 'streamable-http',
      launch: { env: { PORT: '{port}' } },
    });
    expect(server?.provenance).toEqual({
      type: 'http',
      transport: 'streamable-http',
      url: 'http://127.0.0.1:{port}/mcp',
      command: 'node',
      args: ['s.js'],
      volatile: [mask],
    });
    expect(server?.volatile).toEqual([mask]);
  });

  test('an entry that is disabled is left out and named, and its variables need not be set', () => {
    const config = load('servers: { a: { command: "${NOPE}", disabled: true }, b: { command: x } }');
    expect([config.servers.map(({ id }) => id), config.disabled, config.notes]).toEqual([
      ['b'],
      ['a'],
      ['a: disabled, not watched'],
    ]);
  });

  test('what is not said has safe defaults', () => {
    const config = load('servers: { a: { command: x } }');
    expect(config.servers[0]).toMatchObject({
      firstUse: 'hold',
      maxUncheckedMs: 86_400_000,
      reviewEveryMs: undefined,
      schedule: { intervalMs: 300_000 },
    });
    expect(config.policy).toEqual({ autoApprove: [], blockLevel: 'high', twoPersons: [] });
    expect(config.serve).toEqual({
      host: '127.0.0.1',
      port: 8470,
      publicUrl: undefined,
      tls: undefined,
      trustedProxies: [],
      allowedHosts: [],
    });
    expect(config.channels).toEqual([]);
  });

  test('mail goes out over TLS, less urgent alerts gathered in a digest', () => {
    const text =
      'notify: { email: { from: a@b, to: [c@d], smtp: { host: m, user: u, password: "${P}" } }, stdout: {} }';
    expect(load(text, { P: 'secret' }).channels).toEqual([
      {
        kind: 'email',
        name: 'email',
        from: 'a@b',
        to: ['c@d'],
        minimumUrgency: 'info',
        smtp: { host: 'm', port: 465, security: 'tls', user: 'u', password: 'secret', ca: undefined },
      },
      { kind: 'stdout', name: 'stdout', minimumUrgency: 'info' },
    ]);
  });

  test('is found in a folder above, and everything relative starts at its own folder', () => {
    inFolder((folder) => {
      writeFileSync(
        join(folder, 'sealwatch.yaml'),
        'stateDir: st\nservers: { a: { command: x, env: { D: "${SEALWATCH_STATE_DIR}/d" } } }',
      );
      mkdirSync(join(folder, 'a', 'b'), { recursive: true });
      const options = { file: undefined, cwd: join(folder, 'a', 'b'), env: {}, stateDir: undefined };
      const config = loadConfig(options);
      expect(config.file).toBe(join(folder, 'sealwatch.yaml'));
      expect(config.stateDir).toBe(join(folder, 'st'));
      expect(config.servers[0]?.connection.launch).toMatchObject({ cwd: folder, env: { D: join(folder, 'st', 'd') } });
      expect(loadConfig({ ...options, stateDir: 'other' }).stateDir).toBe(join(folder, 'a', 'b', 'other'));
    });
  });

  test('that is nowhere is an error of its own', () => {
    inFolder((folder) => {
      const options = { cwd: folder, env: {}, stateDir: undefined };
      expect(() => loadConfig({ ...options, file: 'nope.yaml' })).toThrow(
        expect.objectContaining({ code: 'CONFIG_NOT_FOUND' }),
      );
      writeFileSync(join(folder, 'bad.yaml'), Buffer.from([0x61, 0x3a, 0xff]));
      expect(() => loadConfig({ ...options, file: 'bad.yaml' })).toThrow(
        expect.objectContaining({ code: 'CONFIG_UNREADABLE' }),
      );
    });
  });

  test('the one that init writes loads, and so does everything in its comments', () => {
    expect(load(CONFIG_TEMPLATE).servers).toEqual([]);
    const uncommented = CONFIG_TEMPLATE.split('\n')
      .filter((line) => !/^# (Sealwatch|Check|\$)/.test(line))
      .map((line) => line.replace(/^(\s*)# ?/, '$1'))
      .filter((line) => !line.includes('An entry of your client'))
      .join('\n');
    const config = load(uncommented, {
      SEARCH_TOKEN: 't',
      SMTP_PASSWORD: 'p',
      SLACK_WEBHOOK: 'https://chat.example.com/hooks/x',
      OIDC_SECRET: 's',
    });
    expect(config.servers.map(({ id }) => id)).toEqual(['filesystem', 'search', 'reports']);
    expect(config.channels.map(({ kind }) => kind)).toEqual(['email', 'slack', 'stdout']);
    expect(config.signIn?.issuer).toBe('https://login.example.com/realms/staff');
  });

  test('the one of the demonstration loads', () => {
    const file = join(import.meta.dirname, '..', '..', 'data', 'demo', 'sealwatch.yaml');
    const config = loadConfig({ file, cwd: '/', env: {}, stateDir: undefined });
    expect(config.servers.map(({ id }) => id)).toEqual([
      'weather',
      'everything',
      'everything-http',
      'filesystem',
      'memory',
      'sequential-thinking',
    ]);
    expect(readFileSync(file, 'utf8')).not.toContain('SECRET');
  });

  test('has a JSON Schema that refuses unknown keys', () => {
    expect(configJsonSchema()).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: { servers: {} },
    });
  });
});
