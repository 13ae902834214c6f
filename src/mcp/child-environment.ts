/**
 * What a program needs to start, besides what the configuration names: where to find others, where its user's files and
 * temporary files are, the user's name, language and time zone. Nothing else of our own environment reaches a server: a
 * token that Sealwatch was started with is none of its business.
 */
const INHERITED =
  process.platform === 'win32'
    ? [
        'PATH',
        'PATHEXT',
        'SYSTEMROOT',
        'SYSTEMDRIVE',
        'WINDIR',
        'COMSPEC',
        'USERPROFILE',
        'HOMEDRIVE',
        'HOMEPATH',
        'USERNAME',
        'APPDATA',
        'LOCALAPPDATA',
        'PROGRAMDATA',
        'PROGRAMFILES',
        'TEMP',
        'TMP',
      ]
    : ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];

/** Returns the whole environment of a child process; what the configuration names goes before what is inherited. */
export function childEnvironment(configured: Readonly<Record<string, string>>): Record<string, string> {
  const inherited = INHERITED.flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(inherited), ...configured };
}
