import { SealwatchError } from '../errors.js';
import { formatRef } from '../integrity/definition-ref.js';
import { takeSnapshot } from '../integrity/take-snapshot.js';
import type { Upstream } from '../mcp/open-upstream.js';
import type { Decision } from '../model/decision.js';
import type { Definition, DefinitionKind, RefText } from '../model/definition.js';
import type { Observation } from '../model/observation.js';
import type { Server } from '../model/server.js';
import type { Snapshot } from '../model/snapshot.js';
import { verdictsOn } from '../monitor/assess.js';
import { VANTAGE } from '../monitor/deps.js';
import { conclude, prepare } from '../monitor/inspect.js';
import type { Called } from './called.js';
import type { GatewayDeps } from './deps.js';
import { matchesTemplate, plainUri } from './matches-template.js';

/** What one connection was shown last, with the verdict on each definition. */
export interface Surface {
  readonly observation: Observation;
  readonly snapshot: Snapshot;
  readonly verdicts: ReadonlyMap<RefText, Decision['verdict']>;
  readonly definitions: ReadonlyMap<RefText, Definition>;
}

/** A definition that may be used, or why not. */
export type Permission =
  | { readonly kind: 'allowed'; readonly definition: Definition }
  /** The request that is about it, where there is one. */
  | { readonly kind: 'refused'; readonly request: number | undefined };

/** A listing is asked for anew after so long, whatever the server announces. */
const FRESH_MS = 60_000;

/** A server that announces changes for ever is never listed. */
const MAX_LISTINGS = 4;

/** A decision takes effect on open connections within so long. */
const POLL_MS = 250;

/** Announcing costs a server nothing, listing costs us much: of a storm of announcements, one is followed in so long. */
const FOLLOW_MS = 500;

/** And of one that lists something else each time, so seldom in the end. */
const MAX_FOLLOW_MS = 60_000;

/**
 * Knows what one connection to a server may let through: what the server listed on this very connection, as it is approved now.
 * A server may show each connection another face, so no other listing counts.
 */
export class Guard {
  readonly #server: Server;
  readonly #upstream: Upstream;
  readonly #deps: GatewayDeps;
  readonly #onReleased: () => void;
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #surface: Promise<Surface> | undefined;
  #known: Surface | undefined;
  /** What was let through last, whatever became of it since. */
  #released: string | undefined;
  #listedAt = 0;
  #isAnnounced = false;
  #followedAt = Number.NEGATIVE_INFINITY;
  /** A server that says something else each time is not listed as often as it likes; whoever asks it something has it listed all the same. */
  #followGapMs = FOLLOW_MS;
  #revision: string | undefined;
  #isPolling = false;

  /** `onReleased` is called when another set of definitions is let through than before. */
  constructor(server: Server, upstream: Upstream, deps: GatewayDeps, onReleased: () => void) {
    this.#server = server;
    this.#upstream = upstream;
    this.#deps = deps;
    this.#onReleased = onReleased;
    upstream.onListChanged(() => {
      this.#listedAt = 0;
      this.#isAnnounced = true;
      this.#follow();
    });
    this.#timer = setInterval(() => {
      void this.#poll();
    }, POLL_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stop.abort();
  }

  /**
   * Returns what the server lists on this connection, at most a minute old and not older than its last announcement.
   *
   * @throws {SealwatchError} `OBSERVE_…`, `STORE_…`: nothing is allowed then.
   */
  async surface(options: { readonly isFresh?: true } = {}): Promise<Surface> {
    const isDue = this.#deps.clock.monotonicMs() - this.#listedAt > FRESH_MS || options.isFresh === true;
    if (this.#known !== undefined && this.#surface === undefined && !isDue) return this.#known;
    this.#surface ??= this.#listOrForget().finally(() => {
      this.#surface = undefined;
    });
    return await this.#surface;
  }

  /** Whether a definition may be used now. @throws {SealwatchError} `OBSERVE_…`, `STORE_…` */
  async permit(kind: DefinitionKind, name: string): Promise<Permission> {
    const surface = await this.surface();
    const refText = formatRef({ server: this.#server.id, kind, name });
    const definition = surface.definitions.get(refText);
    // An unknown definition, or one without a verdict, is not allowed.
    if (definition !== undefined && surface.verdicts.get(refText) === 'allow') return { kind: 'allowed', definition };
    return { kind: 'refused', request: await this.#requestAbout() };
  }

  /** Whether a request may make use of what it names. @throws {SealwatchError} `OBSERVE_…`, `STORE_…` */
  async permitCall(called: Exclude<Called, { kind: 'malformed' }>): Promise<Permission> {
    const permission = await this.permit(called.kind, called.name);
    if (permission.kind === 'allowed' || called.kind !== 'resource') return permission;
    const { snapshot, verdicts } = await this.surface();
    const template = snapshot.definitions.find(
      ({ ref, refText }) =>
        ref.kind === 'resource-template' && verdicts.get(refText) === 'allow' && matchesTemplate(called.name, ref.name),
    );
    // A resource that is listed is held to its own approval, whatever a template would cover and however it is written.
    const isHeld = snapshot.definitions.some(
      ({ ref, refText }) =>
        ref.kind === 'resource' && verdicts.get(refText) !== 'allow' && plainUri(ref.name) === plainUri(called.name),
    );
    return template === undefined || isHeld ? permission : { kind: 'allowed', definition: template };
  }

  /** What is decided of what the server says before it lists anything. @throws {SealwatchError} `OBSERVE_…`, `STORE_…` */
  async verdictOn(kind: 'server' | 'instructions'): Promise<Decision['verdict'] | undefined> {
    const { verdicts } = await this.surface();
    return verdicts.get(formatRef({ server: this.#server.id, kind, name: '' }));
  }

  /** Whether what the server says of itself is approved, as far as is known. */
  get isServerApproved(): boolean {
    return this.#known?.verdicts.get(formatRef({ server: this.#server.id, kind: 'server', name: '' })) === 'allow';
  }

  async #requestAbout(): Promise<number | undefined> {
    const [request] = await this.#deps.store.listRequests({ states: ['open'], server: this.#server.id, newest: 1 });
    return request?.id;
  }

  /** Where it cannot be told what the server lists now, what it listed before is no answer. */
  async #listOrForget(): Promise<Surface> {
    try {
      return await this.#list();
    } catch (error) {
      this.#known = undefined;
      throw error;
    }
  }

  async #list(): Promise<Surface> {
    for (let attempt = 0; attempt < MAX_LISTINGS; attempt++) {
      const startedAt = this.#deps.clock.monotonicMs();
      this.#listedAt = startedAt;
      this.#isAnnounced = false;
      const observation = await this.#upstream.observe(this.#stop.signal);
      const surface = await this.#judge(observation);
      // What is torn is no version of anything: it is not kept.
      if (this.#listedAt !== startedAt) continue;
      await this.#record(surface);
      // Announced meanwhile: what was listed is out of date already.
      if (this.#listedAt !== startedAt) continue;
      this.#adopt(surface);
      return surface;
    }
    throw new SealwatchError(
      'OBSERVE_CHANGED_WHILE_LISTING',
      `the definitions changed during ${MAX_LISTINGS} listings`,
    );
  }

  async #judge(observation: Observation): Promise<Surface> {
    const { volatile, limits } = this.#server;
    const known = this.#known;
    const isSame = known?.observation.rawDigest === observation.rawDigest;
    const snapshot = isSame ? known.snapshot : takeSnapshot(observation, { volatile, limits });
    const revision = await this.#readRevision();
    const decisions = await verdictsOn(snapshot, this.#server, this.#deps);
    this.#revision = revision;
    const verdicts = new Map(decisions.map(({ refText, verdict }) => [refText, verdict]));
    // Of two with one name the first counts.
    const definitions = new Map(snapshot.definitions.toReversed().map((one) => [one.refText, one]));
    return { observation, snapshot, verdicts, definitions };
  }

  /** What a client is shown is observed like everything else, so that drift is alerted that the monitor is not shown. */
  async #record({ observation, snapshot, verdicts }: Surface): Promise<void> {
    // The monitor knows more of this server than what it shows here.
    const { vantages, runsApproved } = this.#server;
    if (vantages.length > 0 || recordsPosture(this.#server)) return;
    // The monitor may be looking at a newer version: what runs here stands in its place only where it says something new.
    if (runsApproved !== undefined && !(await this.#isNews(snapshot, verdicts))) return;
    const prepared = await prepare(this.#server, this.#deps, () => Promise.resolve(observation));
    const inspection = await conclude(this.#server, prepared, [], this.#deps);
    if (inspection.kind === 'unchecked') throw new SealwatchError(inspection.code, inspection.message);
  }

  async #isNews({ definitions }: Snapshot, verdicts: Surface['verdicts']): Promise<boolean> {
    for (const { refText, version } of definitions.filter((one) => verdicts.get(one.refText) !== 'allow')) {
      const seen = await this.#deps.store.history(refText);
      if (!seen.some((one) => one.version === version)) return true;
    }
    return false;
  }

  #adopt(surface: Surface): void {
    const before = this.#released;
    const isSame = this.#known?.observation.rawDigest === surface.observation.rawDigest;
    this.#followGapMs =
      this.#known === undefined || isSame ? FOLLOW_MS : Math.min(this.#followGapMs * 2, MAX_FOLLOW_MS);
    this.#known = surface;
    this.#released = allowedIn(surface);
    if (before !== undefined && before !== this.#released) this.#onReleased();
  }

  /** Lists what was announced to have changed, though nobody asks; while somebody lists, that listing itself notices. */
  #follow(): void {
    const now = this.#deps.clock.monotonicMs();
    if (!this.#isAnnounced || this.#surface !== undefined || now - this.#followedAt < this.#followGapMs) return;
    this.#followedAt = now;
    // Whoever asks next hears what is wrong.
    this.surface({ isFresh: true }).catch(() => undefined);
  }

  /** Goes up with every decision about the server, and whenever another server's tools change what is found in this one's. */
  async #readRevision(): Promise<string> {
    const { revision, surroundings, key } = await this.#deps.store.loadStamp(this.#server.id, VANTAGE);
    return `${revision} ${surroundings} ${key ?? ''}`;
  }

  async #poll(): Promise<void> {
    this.#follow();
    const known = this.#known;
    if (known === undefined || this.#surface !== undefined || this.#isPolling) return;
    this.#isPolling = true;
    try {
      if ((await this.#readRevision()) !== this.#revision) this.#adopt(await this.#judge(known.observation));
    } catch {
      // Nothing is known about what is approved: what was is no answer any more, and the next to ask hears why.
      this.#known = undefined;
    } finally {
      this.#isPolling = false;
    }
  }
}

function recordsPosture({ connection }: Server): boolean {
  return connection.kind === 'http' && connection.posture.isRecorded;
}

function allowedIn({ snapshot, verdicts }: Surface): string {
  const allowed = snapshot.definitions.filter(({ refText }) => verdicts.get(refText) === 'allow');
  return JSON.stringify(allowed.map(({ refText, version }) => [refText, version]));
}
