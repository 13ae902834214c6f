import type { Definition } from '../model/definition.js';
import { stringMember } from '../model/json.js';
import { normalizeText } from './normalize-text.js';
import { sentencesOf } from './sentences.js';

/** What a tool is for is said in its first sentences. In UTF-16 code units. */
const MAX_LENGTH = 2_000;

/**
 * Returns whether a tool says that it looks for attacks on models: that it scans, detects or classifies prompts or injections. Such a tool's
 * documentation shows what it looks for. So may an attacker's, which is why this makes a finding no more than smaller.
 */
export function looksForAttacks({ ref, value }: Definition): boolean {
  const description = ref.kind === 'tool' ? stringMember(value, 'description') : undefined;
  if (description === undefined) return false;
  const { text } = normalizeText(description.slice(0, MAX_LENGTH));
  return sentencesOf(text)
    .map(({ start, end }) => text.slice(start, end))
    .some((sentence) => LOOKS.some((pattern) => pattern.test(sentence)) && ATTACKS.test(sentence));
}

/** Accents are gone in normalised text. */
const LOOKS: readonly RegExp[] = [
  /\b(?:scan|detect|classif|screen|inspect|flag|identif|recogni[sz]|moderat|analy[sz])(?:s|es|y|ies|ed|ing)?\b/i,
  /\b(?:checks?|looks?) (?:\w+ ){0,6}?for\b/i,
  /\b(?:detecta|analiza|analisa|clasifica|classifica|escanea|identifica|erkennt|pruft|durchsucht|klassifiziert|detecte|analyse|classifie|repere)\b/i,
  /(?:обнаруживает|проверяет|классифицирует|распознает|检测|扫描|识别|分类|検出|検査|分類|スキャン)/i,
];

const ATTACKS =
  /\b(?:prompts?|jailbreaks?|(?:prompt|instruction|command|llm|ai)[ -]?(?:injections?|attacks?)|injections? (?:attacks?|attempts?)|injections?|tool[ -]poisoning|inyeccion(?:es)?|injecao|injecoes|prompt-?injektion(?:en)?)\b|(?:инъекци|промпт|джейлбрейк|提示词?注入|注入攻击|越狱|プロンプト|ジェイルブレイク)/i;
