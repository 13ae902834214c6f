import type { PackageType } from '../model/allowlist.js';

/** What a start command will run, as far as the command tells. */
export type LaunchIdentity =
  | {
      readonly kind: 'package';
      readonly type: PackageType;
      readonly name: string;
      /** As asked for: a version, a range, a tag; `undefined` where none is. */
      readonly requested: string | undefined;
    }
  | {
      readonly kind: 'image';
      readonly repository: string;
      /** Only where it is written: what is meant otherwise is `latest`. */
      readonly tag: string | undefined;
      readonly digest: string | undefined;
    }
  /** `file` is a program as a shell would find it, or a script as its interpreter would. */
  | { readonly kind: 'executable'; readonly file: string; readonly isScript: boolean }
  | { readonly kind: 'unknown'; readonly why: string };

/** Returns the identity of what cannot be told, with the reason. */
export function unknownLaunch(why: string): LaunchIdentity {
  return { kind: 'unknown', why };
}

/**
 * Whether a program can be made by a variable of this name to load other code, or to take packages from elsewhere. Attack: a variable
 * called `BASH_ENV=/tmp/evil`, which is one called `BASH_ENV` to the program.
 */
export function isDecisive(variable: string): boolean {
  return !/^[\w.()-]+$/.test(variable) || DECISIVE.test(variable);
}

/** In the order of: where programs, files and libraries are; runners; languages; shells; containers and networks. */
const DECISIVE = new RegExp(
  `^(?:${[
    'PATH|PATHEXT|COMSPEC|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|SYSTEMROOT|WINDIR|XDG_.*|PREFIX|DESTDIR',
    'LD_.*|DYLD_.*|GLIBC_.*|GCONV_PATH|LOCPATH|OPENSSL_.*',
    'NODE_.*|NPM_.*|PNPM_.*|YARN_.*|BUN_.*|DENO_.*|COREPACK_.*|TSX_.*|TS_NODE_.*|ELECTRON_.*',
    'PYTHON.*|PIP_.*|PIPX_.*|UV_.*|VIRTUAL_ENV|CONDA_.*',
    'RUBY.*|GEM_.*|BUNDLE_.*|PERL.*|LUA_.*|PHP.*|R_.*|_?JAVA_.*|JDK_.*|CLASSPATH|DOTNET_.*|CORECLR_.*|COR_.*|COMPLUS_.*',
    'BASH_ENV|ENV|ZDOTDIR|FPATH|SHELLOPTS|BASHOPTS|IFS|PS4|PSMODULEPATH',
    'DOCKER_.*|CONTAINER.*|GIT_.*|SSL_CERT_.*|.*_CA_BUNDLE|HTTPS?_PROXY|ALL_PROXY|HOSTALIASES|RES_OPTIONS|LOCALDOMAIN',
  ].join('|')})$`,
  'i',
);
