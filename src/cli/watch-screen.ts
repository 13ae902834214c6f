import { emitKeypressEvents } from 'node:readline';

import wrapAnsi from 'wrap-ansi';

import { messageOf } from '../errors.js';
import { EVERY_SERVER, type Principal } from '../model/principal.js';
import { settleRequest } from '../monitor/approve.js';
import { loadView } from '../monitor/assess.js';
import { listServers } from '../monitor/servers.js';
import { oneLine } from '../render/one-line.js';
import { requestLines } from '../render/request-lines.js';
import { decidingActor } from './actor.js';
import type { Cli } from './cli.js';
import type { Session } from './session.js';
import { paintedLines } from './terminal.js';
import { frameLines, type OpenedChange, type Question, roomOf, type Screen, type Size } from './watch-frame.js';
import { type Key, type Wish, wishOf } from './watch-keys.js';

const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** Several things that happen at once are drawn once. */
const DRAW_AFTER_MS = 50;

const KEPT_NEWS = 50;

/** Whoever has the terminal and the store sees everything. */
const AT_THE_TERMINAL: Principal = {
  id: 'console',
  name: 'console',
  how: 'console',
  grants: [{ role: 'viewer', servers: EVERY_SERVER }],
};

/** The screen of `watch` at a terminal: servers and how they stand, what changed, and keys to decide. */
export class WatchScreen {
  readonly #cli: Cli;
  readonly #session: Session;
  readonly #onEnd: () => void;
  #screen: Screen = { servers: [], selected: 0, opened: undefined, question: undefined, notice: undefined, news: [] };
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;

  /** `onEnd` is called when a key says that it is enough. */
  constructor(cli: Cli, session: Session, onEnd: () => void) {
    this.#cli = cli;
    this.#session = session;
    this.#onEnd = onEnd;
  }

  /** Takes the keys, and draws on the screen. */
  open(): void {
    const { stdin, stdout } = this.#cli.io;
    this.#isOpen = true;
    emitKeypressEvents(stdin);
    stdin.setRawMode(true);
    stdin.on('keypress', this.#onKey).resume();
    stdout.on('resize', this.#plan);
    this.changed();
  }

  /** Gives the keys back. */
  close(): void {
    const { stdin, stdout } = this.#cli.io;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#timer);
    stdin.off('keypress', this.#onKey).pause();
    stdin.setRawMode(false);
    stdout.off('resize', this.#plan);
  }

  /** Tells in a line what happened. */
  tell(line: string): void {
    this.#note(line);
    this.changed();
  }

  /** Says what is so until it is called again. */
  notice(notice: string | undefined): void {
    this.#screen = { ...this.#screen, notice };
    this.#plan();
  }

  #note(line: string): void {
    this.#screen = { ...this.#screen, news: [...this.#screen.news, oneLine(line)].slice(-KEPT_NEWS) };
  }

  /** Says that something in the store has changed. */
  changed(): void {
    void this.#load().catch((error: unknown) => {
      this.#note(messageOf(error));
      this.#plan();
    });
  }

  async #load(): Promise<void> {
    const { deps, servers: configured } = this.#session;
    const all = await listServers(AT_THE_TERMINAL, configured, deps);
    const chosen = this.#screen.servers[this.#screen.selected]?.id;
    const servers = all.filter(({ state }) => state !== 'removed-from-configuration');
    const selected = Math.max(
      servers.findIndex(({ id }) => id === chosen),
      0,
    );
    this.#screen = { ...this.#screen, servers, selected };
    this.#plan();
  }

  readonly #plan = (): void => {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, DRAW_AFTER_MS);
  };

  #draw(): void {
    if (!this.#isOpen) return;
    const size = this.#size;
    const lines = frameLines(this.#screen, size, this.#cli.terminal.paint).flatMap((line) =>
      rowsOf(line, size.width).slice(0, 1),
    );
    this.#cli.io.stdout.write(`${HOME}${lines.map((line) => `${line}${CLEAR_LINE}`).join('\r\n')}${CLEAR_BELOW}`);
  }

  get #size(): Size {
    const { columns, rows } = this.#cli.io.stdout;
    return { width: Math.max(columns, 40), height: Math.max(rows, 8) };
  }

  readonly #onKey = (_: string | undefined, key: { readonly name?: string; readonly ctrl?: boolean }): void => {
    const pressed: Key = { name: key.name, isControl: key.ctrl === true };
    const wish = wishOf(pressed, this.#screen, roomOf(this.#size));
    if (wish !== undefined)
      void this.#follow(wish).catch((error: unknown) => {
        this.tell(messageOf(error));
      });
  };

  async #follow(wish: Wish): Promise<void> {
    switch (wish.kind) {
      case 'show':
        this.#screen = wish.screen;
        this.#plan();
        return;
      case 'open':
        await this.#openChange(wish.server);
        return;
      case 'settle':
        await this.#settle(wish.decision, wish.opened);
        return;
      case 'end':
        this.#onEnd();
    }
  }

  async #openChange(server: string): Promise<void> {
    const { store } = this.#session.deps;
    const request = this.#screen.servers.find(({ id }) => id === server)?.open;
    if (request === undefined) {
      this.tell(`${server}: nothing waits for a decision`);
      return;
    }
    const { width } = this.#size;
    const lines = paintedLines(
      requestLines(await loadView(request, store), { width: width - 2 }),
      this.#cli.terminal.paint,
    );
    const opened = { request, lines: lines.flatMap((line) => rowsOf(line, width)), top: 0 };
    this.#screen = { ...this.#screen, opened, question: undefined };
    this.#plan();
  }

  /** Bound to what was on the screen: what has changed since is `APPROVAL_STALE`. */
  async #settle(decision: Question, { request }: OpenedChange): Promise<void> {
    const { servers, deps } = this.#session;
    this.#screen = { ...this.#screen, opened: undefined, question: undefined };
    const actor = await decidingActor(this.#cli, deps);
    const input = { request: request.id, expectedDigest: request.digest, decision, actor };
    const settled = await settleRequest(input, servers, deps);
    const word = decision === 'approve' ? 'approved' : 'rejected';
    this.tell(
      settled.state === 'open'
        ? `${request.server}: request ${request.id} has to be approved by another person too`
        : `${request.server}: request ${request.id} ${word}`,
    );
  }
}

/**
 * Returns a line as the rows that it takes on the screen: letters of many scripts are two columns wide.
 *
 * Attack: text that is wider than it counts pushes what comes after it out of sight of whoever decides.
 */
function rowsOf(line: string, width: number): readonly string[] {
  return wrapAnsi(line, width, { hard: true, trim: false, wordWrap: false }).split('\n');
}
