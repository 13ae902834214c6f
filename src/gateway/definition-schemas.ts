import { compileSchema } from '../integrity/json-schema/compiled-schema.js';
import type { Definition } from '../model/definition.js';
import { memberOf } from '../model/json.js';

type Schema = ReturnType<typeof compileSchema>;

/** The schemas of tools, compiled once for each definition that the server listed: where a mask applies, several have one version. */
export class DefinitionSchemas {
  readonly #input = new WeakMap<Definition, Schema>();
  readonly #output = new WeakMap<Definition, Schema>();

  /** Returns what arguments are held to: a tool that does not say what it takes takes anything. */
  input(definition: Definition): Schema {
    return compiled(definition, 'inputSchema', this.#input) ?? ANYTHING;
  }

  /** Returns what results are held to; `undefined` where the tool does not say. */
  output(definition: Definition): Schema | undefined {
    return compiled(definition, 'outputSchema', this.#output);
  }
}

const ANYTHING = compileSchema(true);

function compiled(
  definition: Definition,
  member: 'inputSchema' | 'outputSchema',
  known: WeakMap<Definition, Schema>,
): Schema | undefined {
  const schema = memberOf(definition.value, member);
  if (schema === undefined) return undefined;
  const made = known.get(definition) ?? compileSchema(schema);
  known.set(definition, made);
  return made;
}
