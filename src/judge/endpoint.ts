import { z } from 'zod';

import { SealwatchError } from '../errors.js';
import type { JudgeSettings } from '../model/judgement.js';
import { ANSWER_SCHEMA, INSTRUCTIONS } from './question.js';

/** How one of the interfaces is spoken. */
export interface Endpoint {
  readonly path: string;
  readonly headers: (key: string) => Readonly<Record<string, string>>;
  readonly body: (model: string, definition: string) => unknown;
  /** Returns the answer in a response. @throws {SealwatchError} `JUDGE_FAILED` */
  readonly answerIn: (response: unknown) => unknown;
}

/** An answer has a few sentences. */
const MAX_TOKENS = 500;

const OPENAI_RESPONSE = z.object({
  choices: z
    .array(z.object({ finish_reason: z.string().nullish(), message: z.object({ content: z.string() }) }))
    .min(1),
});

const ANTHROPIC_RESPONSE = z.object({
  content: z.array(z.object({ type: z.string(), input: z.unknown().optional() })),
});

export const ENDPOINTS: Readonly<Record<JudgeSettings['api'], Endpoint>> = {
  /** Chat completions with structured output, as OpenAI, Azure, vLLM, Ollama and others offer them. */
  openai: {
    path: '/chat/completions',
    headers: (key) => ({ authorization: `Bearer ${key}` }),
    body: (model, definition) => ({
      model,
      temperature: 0,
      max_tokens: MAX_TOKENS,
      messages: [
        { role: 'system', content: INSTRUCTIONS },
        { role: 'user', content: definition },
      ],
      response_format: { type: 'json_schema', json_schema: { name: 'verdict', strict: true, schema: ANSWER_SCHEMA } },
    }),
    answerIn: (response) => parse(read(OPENAI_RESPONSE, response).choices[0]?.message.content ?? ''),
  },
  /** The Messages API of Anthropic, where the answer is the input of the one tool that the model has to use. */
  anthropic: {
    path: '/messages',
    headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
    body: (model, definition) => ({
      model,
      temperature: 0,
      max_tokens: MAX_TOKENS,
      system: INSTRUCTIONS,
      messages: [{ role: 'user', content: definition }],
      tools: [{ name: 'verdict', description: 'Gives the verdict.', input_schema: ANSWER_SCHEMA }],
      tool_choice: { type: 'tool', name: 'verdict' },
    }),
    answerIn: (response) => read(ANTHROPIC_RESPONSE, response).content.find(({ type }) => type === 'tool_use')?.input,
  },
};

function read<T>(schema: z.ZodType<T>, response: unknown): T {
  const parsed = schema.safeParse(response);
  if (!parsed.success) throw new SealwatchError('JUDGE_FAILED', 'the endpoint did not answer as its interface says');
  return parsed.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new SealwatchError('JUDGE_FAILED', 'the model did not answer in JSON', { cause });
  }
}
