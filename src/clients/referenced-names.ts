import { headersOf, variablesOf } from './entry-values.js';
import type { ClientEntry } from './read-client-file.js';
import { referencesIn, toReferences } from './references.js';

/** Returns the names of the variables of the environment that an entry reads, as its client writes them; with a default or without. */
export function referencedNames({ server, entry }: ClientEntry): readonly string[] {
  const { target, client } = server;
  const words = ((): readonly string[] => {
    switch (target.kind) {
      case 'unknown':
        return [];
      case 'stdio':
        return [target.command, ...target.args, target.cwd ?? ''];
      case 'http':
        return [target.url];
    }
  })();
  const values = [...variablesOf(entry).values(), ...headersOf(entry).values()].map((value) => value ?? '');
  const names = [...words, ...values].flatMap((text) => referencesIn(toReferences(text, client).text));
  return [...new Set(names)].sort();
}
