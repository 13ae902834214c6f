import { isOpaque, isOpaquePart, isPlainValue, isSecretName } from './looks-secret.js';

/** Returns what stands for a secret; `wanted` says what it is for. */
export type Hide = (value: string, wanted: string) => string;

/** Returns arguments of a command in which what looks like a secret is hidden. */
export function hideInArguments(args: readonly string[], hide: Hide): readonly string[] {
  return args.map((arg, index) => hideInArgument(arg, args[index - 1] ?? '', `ARGUMENT_${index + 1}`, hide));
}

function hideInArgument(arg: string, before: string, place: string, hide: Hide): string {
  if (isAlreadyHidden(arg)) return arg;
  if (isUrl(arg)) return hideInUrl(arg, hide);
  const login = hideLogin(arg, before, hide);
  if (login !== undefined) return login;
  const [, lead, value] = /^((?:-{1,2})?[A-Za-z_][\w.-]*=)(.*)$/s.exec(arg) ?? [];
  const isOne = lead?.startsWith('-') === true || isVariableOption(before) || !/\s/.test(value ?? '');
  if (lead !== undefined && value !== undefined && isOne) return lead + hideValue(value, nameIn(lead), before, hide);
  const header = headerIn(arg);
  if (header !== undefined && (isSecretName(header.name) || isHeaderOption(before)))
    return header.lead + hideHeader(header.value, header.name, hide);
  if (isSecretOption(before) && !/^--?[a-z][a-z-]*$/.test(arg) && arg !== '') return hide(arg, nameIn(before));
  // A shell that sets variables first.
  const hidden = arg.replace(/\b([A-Za-z_]\w*=)("[^"]*"|'[^']*'|[^\s'"&;|]+)/g, (whole, name: string, text: string) =>
    isSecretName(name) || isOpaque(text) ? name + hide(text, nameIn(name)) : whole,
  );
  if ((/\s/.test(arg) && NAMED_INSIDE.test(hidden)) || ASSIGNED_INSIDE.test(hidden)) return hide(arg, place);
  if (hidden !== arg) return hidden;
  const isSafe = isPlainValue(arg) || /sha(?:256|384|512)[:-]/.test(arg) || !isOpaque(arg);
  return isSafe ? arg : hide(arg, place);
}

/** A password glued to its option, as `-pVALUE`, or behind a user, as `-u admin:VALUE`. */
function hideLogin(arg: string, before: string, hide: Hide): string | undefined {
  const [, glued] = /^-p([^-=\s].*)$/s.exec(arg) ?? [];
  if (glued !== undefined && !isPort(glued) && !P_WORDS.test(glued) && !isAlreadyHidden(glued))
    return `-p${hide(glued, 'PASSWORD')}`;
  const [, option = '', user, password] = /^(-u|--user=|--proxy-user=)?([^\s:/@]+:)(\S+)$/s.exec(arg) ?? [];
  if (user === undefined || password === undefined) return undefined;
  const isUser = option !== '' || /^(?:-u|-U|--user|--proxy-user|--username|--login)$/.test(before);
  // Of numbers, the second is a group.
  const isGroup = /^\d+:$/.test(user) && /^\d+$/.test(password);
  return !isUser || isGroup || isAlreadyHidden(password) ? undefined : option + user + hide(password, 'PASSWORD');
}

/** Options of one dash that begin with the same letter. */
const P_WORDS =
  /^(?:y|ort|ath|rod|roduction|rofile|ackage|roject|rint|arallel|lugin|refix|olicy|rotocol|roxy|ublic|arams?|rovider|ython)$/;

function isPort(value: string): boolean {
  return /^[\d.:-]+(?:\/(?:tcp|udp))?$/.test(value);
}

/** A command within an argument, with an option or a header that carries a secret. */
const NAMED_INSIDE =
  /(?:\b(?:bearer|basic)|--?[\w-]*(?:key|token|secret|pass|pwd|auth|credential)[\w-]*|[\w-]*(?:key|token|secret|auth\w*):)[\s=]+[^\s$]/i;

/** A document, or an option of another style, that names a secret. */
const ASSIGNED_INSIDE = /(?:key|token|secret|pass|pwd|auth|credential)[\w.-]*["']?\s*[:=]\s*["']?[^\s"'$]/i;

function hideValue(value: string, name: string, before: string, hide: Hide): string {
  if (isAlreadyHidden(value) || value === '') return value;
  const [, own, given] = name === 'ENV' || name === 'E' ? (/^([A-Za-z_]\w*=)(.*)$/s.exec(value) ?? []) : [];
  if (own !== undefined && given !== undefined) return own + hideValue(given, nameIn(own), '-e', hide);
  if (isUrl(value) && !isSecretName(name)) return hideInUrl(value, hide);
  const header = isHeaderOption(`--${name}`) ? headerIn(value) : undefined;
  if (header !== undefined) return header.lead + hideHeader(header.value, header.name, hide);
  // What a container gets is held to the same as the variables of an entry.
  const isSecret =
    isSecretName(name) || isOpaque(value) || ((name === 'P' || isVariableOption(before)) && !isPlainValue(value));
  return isSecret ? hide(value, name) : value;
}

/** Returns a header's value hidden, unless it surely is no secret; the scheme of an authorization stays (RFC 9110, section 11.4). */
export function hideHeader(value: string, name: string, hide: Hide): string {
  const [, scheme = '', rest = value] = /^((?:Bearer|Basic|Token|ApiKey)\s+)(.+)$/is.exec(value) ?? [];
  if (isAlreadyHidden(rest)) return value;
  return isSecretName(name) || scheme !== '' || !isPlainValue(value) ? scheme + hide(rest, name) : value;
}

/** Returns an address in which parameters and parts of the path that may be secrets are hidden. */
export function hideInUrl(url: string, hide: Hide): string {
  const [, scheme = '', body = ''] = /^([a-z][\w+.-]*:\/\/)(.*)$/is.exec(url) ?? [];
  const end = endOfLogin(body, scheme);
  const [login, address] = [body.slice(0, end), body.slice(end)];
  const [, host = '', path = '', query = '', rest = ''] = /^([^/?#]*)([^?#]*)(\?[^#]*)?(.*)$/s.exec(address) ?? [];
  const hiddenPath = path
    .split('/')
    .map((part, index) => (isOpaquePart(part) && !isAlreadyHidden(part) ? hide(part, `PATH_${index}`) : part))
    .join('/');
  const hiddenQuery = query.replace(
    /([?&])([^=&]*)(?:=([^&]*))?/g,
    (whole, mark: string, name: string, value?: string) => {
      if (value === undefined) return isOpaque(name) ? mark + hide(name, 'QUERY') : whole;
      const isSafe = isAlreadyHidden(value) || (isPlainValue(value) && !isSecretName(name));
      return isSafe ? whole : `${mark}${name}=${hide(value, name)}`;
    },
  );
  const isOpen = login !== '' && !isAlreadyHidden(login.replaceAll(':', ''));
  return (
    scheme +
    (isOpen ? hide(login, 'LOGIN') : login) +
    host +
    hiddenPath +
    hiddenQuery +
    (isPlainValue(rest.slice(1)) ? rest : `#${hide(rest.slice(1), 'FRAGMENT')}`)
  );
}

/** A password may hold what ends the host elsewhere (RFC 3986, section 3.2) and was not escaped: it ends at the last `@`. */
function endOfLogin(body: string, scheme: string): number {
  const [authority = ''] = /^[^/?#]*/.exec(body) ?? [];
  // Paths of the web have names with an `@`; after a colon there is a port, or it is a password.
  const isOfWeb = /^(?:https?|wss?):/i.test(scheme);
  const isLogin = !isOfWeb || authority.includes('@') || /:(?!\d*$)/.test(authority.replace(/^\[[^\]]*\]/, ''));
  return isLogin ? Math.max(body.lastIndexOf('@'), 0) : 0;
}

/** Nothing but variables. */
function isAlreadyHidden(text: string): boolean {
  return /^(?:\$\{(?:env:)?[A-Za-z_]\w*(?::-[^}]*)?\})+$/.test(text);
}

function isUrl(text: string): boolean {
  return /^[a-z][\w+.-]*:\/\//i.test(text);
}

function headerIn(text: string): { readonly lead: string; readonly name: string; readonly value: string } | undefined {
  const [, lead, name, value] = /^(([A-Za-z][\w-]*):\s*)(.+)$/s.exec(text) ?? [];
  return lead === undefined || name === undefined || value === undefined ? undefined : { lead, name, value };
}

function isHeaderOption(word: string): boolean {
  return /^(?:-H|--headers?)$/.test(word);
}

function isVariableOption(word: string): boolean {
  return /^(?:-e|--env)$/.test(word);
}

function isSecretOption(word: string): boolean {
  return /^--?[A-Za-z]/.test(word) && !word.includes('=') && isSecretName(word);
}

function nameIn(word: string): string {
  return word
    .replace(/^-+|=$/g, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_');
}
