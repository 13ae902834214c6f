import { describe, expect, test } from 'vitest';

import type { JsonObject } from '../../src/model/json.js';
import { grantsOf, nameOf } from '../../src/sign-in/to-identity.js';

const APPROVER = { role: 'approver', servers: ['payments-*'] } as const;
const VIEWER = { role: 'viewer', servers: ['*'] } as const;
const ROLES = [
  { value: 'payments', grant: APPROVER },
  { value: 'staff', grant: VIEWER },
];

describe('what a claim gives', () => {
  test.each<readonly [string, string, JsonObject, readonly object[]]>([
    ['a text', 'groups', { groups: 'staff' }, [VIEWER]],
    ['a list, each entry that counts', 'groups', { groups: ['staff', 'other', 'payments'] }, [APPROVER, VIEWER]],
    ['the same twice', 'groups', { groups: ['staff', 'staff'] }, [VIEWER]],
    ['a path', 'realm_access.roles', { realm_access: { roles: ['staff'] } }, [VIEWER]],
    ['a name with dots before a path', 'a.b', { 'a.b': ['staff'], a: { b: ['payments'] } }, [VIEWER]],
    ['an address as a name', 'https://example.com/roles', { 'https://example.com/roles': ['staff'] }, [VIEWER]],
    ['nothing', 'groups', {}, []],
    ['an empty list', 'groups', { groups: [] }, []],
    ['an empty text', 'groups', { groups: '' }, []],
    ['a number', 'groups', { groups: 7 }, []],
    ['an object', 'groups', { groups: { staff: true } }, []],
    ['a list of other things', 'groups', { groups: [['staff'], { staff: 1 }, null, true] }, []],
    ['texts that are almost the value', 'groups', { groups: ['Staff', ' staff', 'staff,payments', 'staf*', '*'] }, []],
    ['what every object has', 'constructor.name', { groups: ['staff'] }, []],
    ['a path through a list', 'groups.0', { groups: ['staff'] }, []],
  ])('%s', (_, claim, claims, grants) => {
    expect(grantsOf(claims, { claim, roles: ROLES })).toEqual(grants);
  });
});

describe('what somebody is called', () => {
  const verified = { email: 'ann@example.com', email_verified: true };
  test.each<readonly [string, string | undefined, JsonObject, string]>([
    ['a verified address', undefined, { ...verified, preferred_username: 'ann' }, 'ann@example.com'],
    ['an address that nobody verified', undefined, { email: 'boss@example.com', preferred_username: 'eve' }, 'eve'],
    ['an address that is "verified"', undefined, { email: 'boss@example.com', email_verified: 'true' }, 'subject'],
    ['the claim that is configured', 'upn', { ...verified, upn: 'ann.upn' }, 'ann.upn'],
    ['where that claim is missing, the usual', 'upn', verified, 'ann@example.com'],
    ['nothing but blanks', undefined, { preferred_username: '  ' }, 'subject'],
    ['a name that is no name', undefined, { preferred_username: ['ann'] }, 'subject'],
    ['a name that fills a record', undefined, { preferred_username: 'a'.repeat(201) }, 'subject'],
  ])('%s', (_, nameClaim, claims, name) => {
    expect(nameOf(claims, 'subject', nameClaim)).toBe(name);
  });
});
