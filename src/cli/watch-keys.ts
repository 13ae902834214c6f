import type { OpenedChange, Question, Screen } from './watch-frame.js';

/** A key as `node:readline` names it. */
export interface Key {
  readonly name: string | undefined;
  readonly isControl: boolean;
}

/** What a key asks for. */
export type Wish =
  | { readonly kind: 'show'; readonly screen: Screen }
  | { readonly kind: 'open'; readonly server: string }
  | { readonly kind: 'settle'; readonly decision: Question; readonly opened: OpenedChange }
  | { readonly kind: 'end' };

/**
 * Returns what a key asks for, `undefined` where it means nothing. A change is decided only where it is on the screen to its last line,
 * and with a second key.
 *
 * @param room how many lines of a change fit on the screen
 */
export function wishOf(key: Key, screen: Screen, room: number): Wish | undefined {
  if (key.isControl) return key.name === 'c' || key.name === 'd' ? { kind: 'end' } : undefined;
  const { opened, question } = screen;
  if (opened === undefined) return inTable(key, screen);
  return question === undefined ? inChange(key, screen, opened, room) : inQuestion(key, screen, opened, question);
}

function inTable({ name }: Key, screen: Screen): Wish | undefined {
  const { servers, selected } = screen;
  const chosen = servers[selected]?.id;
  const choose = (to: number): Wish => ({
    kind: 'show',
    screen: { ...screen, selected: Math.max(0, Math.min(to, servers.length - 1)) },
  });
  switch (name) {
    case 'up':
    case 'k':
      return choose(selected - 1);
    case 'down':
    case 'j':
      return choose(selected + 1);
    case 'return':
    case 'enter':
      return chosen === undefined ? undefined : { kind: 'open', server: chosen };
    case 'q':
      return { kind: 'end' };
    case undefined:
    default:
      return undefined;
  }
}

function inChange({ name }: Key, screen: Screen, opened: OpenedChange, room: number): Wish | undefined {
  const last = Math.max(opened.lines.length - room, 0);
  const scroll = (by: number): Wish => ({
    kind: 'show',
    screen: { ...screen, opened: { ...opened, top: Math.max(0, Math.min(opened.top + by, last)) } },
  });
  const asking = (question: Question): Wish | undefined =>
    opened.top >= last ? { kind: 'show', screen: { ...screen, question } } : undefined;
  switch (name) {
    case 'up':
    case 'k':
      return scroll(-1);
    case 'down':
    case 'j':
      return scroll(1);
    case 'pageup':
      return scroll(-room);
    case 'space':
    case 'pagedown':
      return scroll(room);
    case 'a':
      return asking('approve');
    case 'r':
      return asking('reject');
    case 'escape':
    case 'backspace':
      return { kind: 'show', screen: { ...screen, opened: undefined } };
    case 'q':
      return { kind: 'end' };
    case undefined:
    default:
      return undefined;
  }
}

/** Anything but a yes is a no. */
function inQuestion({ name }: Key, screen: Screen, opened: OpenedChange, decision: Question): Wish {
  if (name === 'y') return { kind: 'settle', decision, opened };
  return { kind: 'show', screen: { ...screen, question: undefined } };
}
