import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';

import type { NewAlert } from '../../src/model/alert.js';
import type { Actor, ChangeRequest, RequestedChange } from '../../src/model/change-request.js';
import type { Definition } from '../../src/model/definition.js';
import { parseFingerprint } from '../../src/model/fingerprint.js';
import type { Checked, PolicyApproval, Transition } from '../../src/model/inspection.js';
import { parseServerId } from '../../src/model/server-id.js';
import type { Snapshot } from '../../src/model/snapshot.js';
import type { Settlement, Store } from '../../src/ports.js';
import { createStore, openStore } from '../../src/store/open-store.js';

export const SERVER = parseServerId('weather');
export const VANTAGE = 'default';
export const ALICE: Actor = { kind: 'person', name: 'alice', how: 'terminal' };
export const AT = '2026-11-22T10:00:00.000Z';

/** Time stands where a test puts it; intervals are real. */
export const clock = { now: () => new Date('2026-11-22T12:00:00.000Z'), monotonicMs: () => performance.now() };
export const random = { bytes: (count: number) => randomBytes(count) };

/** A path in a folder that is removed when the test ends. */
export function temporaryStateDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-store-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return join(folder, 'state');
}

export interface Opened {
  readonly stateDir: string;
  readonly store: Store;
}

/** A new store, closed when the test ends. */
export async function newStore(): Promise<Opened> {
  const stateDir = temporaryStateDir();
  await createStore(stateDir, { clock, random });
  return { stateDir, store: await open(stateDir) };
}

export async function open(stateDir: string, options: { readonly lockWaitMs?: number } = {}): Promise<Store> {
  const store = await openStore(stateDir, { clock, random, ...options });
  onTestFinished(() => store.close());
  return store;
}

/** A plain SQL client on the database, as somebody who tampers would use. */
export function tamper(stateDir: string, ...statements: readonly string[]): void {
  const database = new Database(join(stateDir, 'sealwatch.db'));
  for (const statement of statements) database.exec(statement);
  database.close();
}

export function query(stateDir: string, sql: string): readonly Readonly<Record<string, string | number>>[] {
  const database = new Database(join(stateDir, 'sealwatch.db'), { readonly: true });
  const rows = database.prepare(sql).all() as Record<string, string | number>[];
  database.close();
  return rows;
}

/** Tools by name, with the word that stands in each one's description. */
export type Surface = Readonly<Record<string, string>>;

export function versionOf(word: string): string {
  return `v1:sha256:${sha256(contentOf(word))}`;
}

export function contentOf(word: string): string {
  return JSON.stringify({ description: word });
}

export function refOf(tool: string): string {
  return `weather/tool/${tool}`;
}

export function definitionOf(name: string, word: string): Definition {
  return {
    ref: { server: SERVER, kind: 'tool', name },
    refText: refOf(name),
    version: versionOf(word),
    rawFingerprint: parseFingerprint(versionOf(word)),
    value: { description: word },
    content: contentOf(word),
    flaws: [],
    inexactNumbers: [],
    masked: [],
  };
}

export function snapshotOf(surface: Surface): Snapshot {
  const definitions = Object.entries(surface)
    .sort()
    .map(([name, word]) => definitionOf(name, word));
  return {
    server: SERVER,
    vantage: VANTAGE,
    protocolVersion: '2025-11-25',
    definitions,
    digest: `sha256:${sha256(JSON.stringify(definitions.map(({ refText, version }) => [refText, version])))}`,
    setHashes: {
      tools: undefined,
      prompts: undefined,
      resources: undefined,
      resourceTemplates: undefined,
      instructions: undefined,
    },
    rawDigest: sha256(JSON.stringify(surface)),
  };
}

export const PROVENANCE = `v1:sha256:${sha256('provenance')}`;

/** Words of `null` end an approval. */
export function requestFor(target: Readonly<Record<string, string | null>>): RequestedChange {
  const entries = Object.entries(target).map(([name, word]): [string, string | null] => [
    refOf(name),
    word === null ? null : versionOf(word),
  ]);
  return {
    urgency: 'high',
    changes: [],
    findings: [],
    review: [],
    target: new Map(entries),
    asked: `sha256:${sha256(JSON.stringify(entries))}`,
    provenance: PROVENANCE,
  };
}

export interface Step {
  readonly surface: Surface;
  readonly requested?: RequestedChange | undefined;
  readonly transition?: Transition;
  readonly policyApprovals?: readonly PolicyApproval[];
  readonly alerts?: readonly NewAlert[];
  readonly at?: string;
  readonly occasion?: 'observation' | 'decision';
  readonly expectedRevision?: number;
  readonly snapshot?: Snapshot;
}

/** Records an inspection as the pipeline would. */
export async function record(store: Store, step: Step): Promise<ChangeRequest | undefined> {
  const { surface, requested, transition = { kind: 'none' }, alerts = [], occasion = 'observation' } = step;
  const inspection: Checked = {
    kind: 'checked',
    server: SERVER,
    vantage: VANTAGE,
    at: step.at ?? AT,
    durationMs: 1,
    snapshot: step.snapshot ?? snapshotOf(surface),
    remarks: [],
    suggestedMasks: [],
    key: `key of ${JSON.stringify(surface)}`,
    changes: [],
    findings: [],
    decisions: [],
    requested,
    policyApprovals: step.policyApprovals ?? [],
  };
  const expectedRevision = step.expectedRevision ?? (await store.loadStamp(SERVER, VANTAGE)).revision;
  return store.record({ inspection, occasion, expectedRevision, transition, alerts });
}

/** Records a surface and opens a request for all of it. */
export async function recordOpen(store: Store, surface: Surface, more: Partial<Step> = {}): Promise<ChangeRequest> {
  const request = await record(store, {
    surface,
    requested: requestFor(surface),
    transition: { kind: 'open' },
    ...more,
  });
  if (request === undefined) throw new Error('no request is open');
  return request;
}

export async function settle(
  store: Store,
  request: ChangeRequest,
  more: Partial<Settlement> = {},
): Promise<ChangeRequest> {
  return store.settle({
    request: request.id,
    expectedDigest: request.digest,
    decision: 'approve',
    actor: ALICE,
    at: AT,
    persons: 1,
    ...more,
  });
}

/** A store in which a surface is approved. */
export async function approvedStore(surface: Surface): Promise<Opened> {
  const opened = await newStore();
  await settle(opened.store, await recordOpen(opened.store, surface));
  return opened;
}

export async function approvedVersions(store: Store): Promise<Readonly<Record<string, string>>> {
  const { baseline } = await store.loadStanding(SERVER, VANTAGE);
  return Object.fromEntries([...baseline.approved.values()].map(({ refText, version }) => [refText, version]));
}

/** Resolves to the code that a promise is rejected with. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
  return 'no error';
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
