/**
 * Returns what is different between our reading or writing of a text and that of the references, as one sentence;
 * `undefined` where nothing is.
 */
export function disagreement(text, { parseJson, canonicalize, reference }) {
  const ours = attempt(() => parseJson(text, { maxDepth: 1000 }));
  const theirs = attempt(() => JSON.parse(text));
  if (ours.error !== undefined && ours.error.code !== 'JSON_SYNTAX') return `the reader threw ${ours.error}`;
  if ((ours.error === undefined) !== (theirs.error === undefined)) {
    return ours.error === undefined
      ? 'only JSON.parse refuses it'
      : `only our reader refuses it: ${ours.error.message}`;
  }
  // With no level allowed, containers are skipped, by code of its own: it has to refuse the same texts.
  const skipped = attempt(() => parseJson(text, { maxDepth: 0 }));
  if ((skipped.error === undefined) !== (ours.error === undefined))
    return 'reading and skipping refuse different texts';
  if (ours.error !== undefined) return undefined;
  if (!isSame(ours.result.value, theirs.result)) return 'the values differ';
  return writtenDifferently(ours.result.value, { canonicalize, reference });
}

function writtenDifferently(value, { canonicalize, reference }) {
  const ours = canonicalize(value);
  const theirs = attempt(() => reference(value));
  if (theirs.error === undefined) return ours === theirs.result ? undefined : `written ${ours}, not ${theirs.result}`;
  // The reference refuses unpaired surrogates; what we write for them has at least to be read as the same value again.
  if (!/lone surrogate/i.test(theirs.error.message)) return `the reference threw ${theirs.error.message}`;
  return isEqual(JSON.parse(ours), value) ? undefined : `${ours} is read as another value`;
}

function attempt(make) {
  try {
    return { result: make() };
  } catch (error) {
    return { error };
  }
}

/** Whether two values are the same down to the sign of zero and the order of members; `null` is ours for an infinite number. */
function isSame(ours, theirs) {
  if (typeof theirs !== 'object' || theirs === null) {
    return Object.is(ours, theirs) || (ours === null && (theirs === Infinity || theirs === -Infinity));
  }
  if (typeof ours !== 'object' || ours === null || Object.getPrototypeOf(ours) !== Object.getPrototypeOf(theirs))
    return false;
  const names = Object.keys(theirs);
  const ourNames = Object.keys(ours);
  return (
    ourNames.length === names.length &&
    names.every((name, at) => ourNames[at] === name && isSame(ours[name], theirs[name]))
  );
}

/** As above, but the canonical form knows neither the order of members nor the sign of zero. */
function isEqual(a, b) {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
  const names = Object.keys(a);
  const isAlike = Array.isArray(a) === Array.isArray(b) && names.length === Object.keys(b).length;
  return isAlike && names.every((name) => Object.hasOwn(b, name) && isEqual(a[name], b[name]));
}
