import { expect, test } from 'vitest';

import type { Edit } from '../../src/model/drift.js';
import { classifyPackage } from '../../src/policy/classify-package.js';

const BUILT = { repository: 'https://github.com/acme/server', workflow: 'release.yml' };

const ROWS: readonly (readonly [string, string | undefined, Partial<Edit>, string, string])[] = [
  [
    'a newer version',
    'version',
    { before: '1.4.1', after: '1.4.2' },
    'identity',
    'the package is version "1.4.2" and not "1.4.1"',
  ],
  [
    'an older version',
    'version',
    { before: '1.10.0', after: '1.9.0' },
    'identity',
    'the package is version "1.9.0" and not "1.10.0", which is older',
  ],
  ['a version that is gone', 'version', { before: '1.4.1' }, 'identity', 'the version of the package changed'],
  [
    'a provenance that is not there any more',
    'provenance',
    { before: BUILT, after: 'none' },
    'identity',
    'the provenance of the package is lost',
  ],
  [
    'a provenance that is not told any more',
    'provenance',
    { before: BUILT },
    'identity',
    'the provenance of the package is lost',
  ],
  [
    'a provenance that appears',
    'provenance',
    { before: 'none', after: BUILT },
    'identity',
    'the provenance of the package changed',
  ],
  [
    'a provenance that is wrong',
    'provenance',
    { before: BUILT, after: { contradicts: 'other bytes' } },
    'identity',
    'the provenance of the package contradicts what its source says',
  ],
  [
    'a signature that was removed',
    'signature',
    { before: { keyids: ['a'] }, after: 'none' },
    'identity',
    'the signature of the package is lost',
  ],
  [
    'a new maintainer',
    'maintainers',
    { before: ['alice'], after: ['mallory'] },
    'identity',
    'the list of maintainers of the package changed',
  ],
  [
    'a script that is run when it is installed',
    'installScripts',
    { before: 'none', after: { install: 'x' } },
    'capability',
    'the install scripts of the package changed',
  ],
  ['a member that we do not know', 'unheard', { after: 'x' }, 'identity', 'the "unheard" of the package changed'],
  ['the first look at a package', undefined, { after: {} }, 'identity', 'nobody has approved the package'],
  ['the last look at a package', undefined, { before: {} }, 'identity', 'nothing is told of the package any more'],
];

test.each(ROWS)('%s', (_name, member, edit, meaning, because) => {
  expect(classifyPackage(member, { pointer: '/package', ...edit })).toEqual({ class: meaning, because });
});
