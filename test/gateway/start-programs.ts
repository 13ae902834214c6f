import { join } from 'node:path';

import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect } from 'vitest';

import { type Bench, createBench } from '../cli/world.js';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

/** The programs as people start them: a folder with a store, the command line, and whatever is started in it. */
export interface Programs extends Bench {
  /** Runs a command line as the approver whom the bench has. */
  asAlice(...args: readonly string[]): ReturnType<Bench['sealwatch']>;
  /** Looks at everything and approves it. */
  approveAll(): Promise<void>;
  /** Starts `sealwatch gateway`. Resolves when it listens. */
  gateway(...flags: readonly string[]): Promise<ReturnType<Bench['start']> & { readonly url: string }>;
}

/** Returns a store with an approver, for the servers of a configuration of which nothing is approved yet. */
export async function createPrograms(configuration: Readonly<Record<string, unknown>>): Promise<Programs> {
  const bench = createBench();
  bench.configure([], configuration);
  await bench.sealwatch('init');
  const { stdout } = await bench.sealwatch('approver', 'add', 'alice');
  const SEALWATCH_APPROVER_TOKEN = /sealwatch_\S+/.exec(stdout)?.[0] ?? '';
  const asAlice: Programs['asAlice'] = (...args) => bench.sealwatchWith({ SEALWATCH_APPROVER_TOKEN }, ...args);
  return {
    ...bench,
    asAlice,
    approveAll: async () => {
      await bench.sealwatch('scan');
      expect((await asAlice('approve', '--all')).exitCode).toBe(0);
    },
    gateway: async (...flags) => {
      const started = bench.start(...flags, 'gateway', '--port', '0');
      await started.until('Ctrl-C ends');
      const url = /http:\/\/\S+(?=\/mcp)/.exec(started.output())?.[0] ?? '';
      return { ...started, url };
    },
  };
}

/** What both generations of the SDK can do, as far as tests need it. */
export type AnyClient = Client | ModernClient;

/** Calls back when a client is told that its tools have changed. */
export async function onToolsChanged(client: AnyClient, listener: () => void): Promise<void> {
  if (client instanceof Client) client.setNotificationHandler(ToolListChangedNotificationSchema, listener);
  else client.setNotificationHandler('notifications/tools/list_changed', listener);
  if (client instanceof ModernClient) await client.listen({ toolsListChanged: true });
}

/**
 * Calls a tool and returns how far it said that it had come, whatever order a generation wants its parameters in.
 * It listens to the transport: what arrives in one piece with the answer is read, but an SDK takes away the listener
 * of a call at the answer, before those of notifications have run.
 */
export async function callWithProgress(client: AnyClient, params: CallParams, signal?: AbortSignal): Promise<number[]> {
  const heard: number[] = [];
  const transport = client.transport as Transport | undefined;
  if (transport === undefined) throw new Error('the client is not connected');
  const { onmessage } = transport;
  transport.onmessage = (message, extra) => {
    if ('method' in message && message.method === 'notifications/progress')
      heard.push(Number(message.params?.['progress']));
    onmessage?.(message, extra);
  };
  const options = { onprogress: () => undefined, ...(signal === undefined ? {} : { signal }) };
  try {
    await (client instanceof Client ? client.callTool(params, undefined, options) : client.callTool(params, options));
  } finally {
    if (onmessage !== undefined) transport.onmessage = onmessage;
  }
  return heard;
}

type CallParams = Parameters<Client['callTool']>[0];

/** How a client of either generation talks to servers: over the service, or to a program of its own, a shim of one of them or all as one. */
export const CLIENTS = {
  v1: {
    overHttp: async (url: string): Promise<Client> => {
      const client = new Client({ name: 'v1', version: '1' });
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      return client;
    },
    throughShim: async (folder: string, server: string): Promise<Client> => {
      const client = new Client({ name: 'v1', version: '1' });
      await client.connect(new StdioClientTransport(started(folder, 'run', server)));
      return client;
    },
    toAllOverStdio: async (folder: string): Promise<Client> => {
      const client = new Client({ name: 'v1', version: '1' });
      await client.connect(new StdioClientTransport(started(folder, 'gateway', '--stdio')));
      return client;
    },
  },
  v2: {
    overHttp: async (url: string): Promise<ModernClient> => {
      const client = new ModernClient({ name: 'v2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      await client.connect(new ModernHttp(new URL(url)));
      return client;
    },
    throughShim: async (folder: string, server: string): Promise<ModernClient> => {
      const client = new ModernClient({ name: 'v2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      await client.connect(new ModernStdio(started(folder, 'run', server)));
      return client;
    },
    toAllOverStdio: async (folder: string): Promise<ModernClient> => {
      const client = new ModernClient({ name: 'v2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      await client.connect(new ModernStdio(started(folder, 'gateway', '--stdio')));
      return client;
    },
  },
} as const;

function started(
  cwd: string,
  ...args: readonly string[]
): { readonly command: string; readonly args: string[]; readonly cwd: string; readonly stderr: 'ignore' } {
  return { command: process.execPath, args: [MAIN, ...args], cwd, stderr: 'ignore' };
}
