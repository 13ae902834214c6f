// A server that has what the conformance scenarios for servers ask for, on the SDK.
//
//   node server.mjs PORT
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as mcp from '@modelcontextprotocol/sdk/types.js';

const [port] = process.argv.slice(2);
// One red pixel, and a tenth of a second of silence in WAV.
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=';
const text = (value) => ({ content: [{ type: 'text', text: value }] });
const embedded = (uri, mimeType, value) => ({ type: 'resource', resource: { uri, mimeType, text: value } });
const string = { type: 'string' };
const titled = (...values) => values.map((value) => ({ const: value, title: `The ${value}` }));

const TOOLS = {
  test_simple_text: () => text('This is a simple text response for testing.'),
  test_image_content: () => ({ content: [{ type: 'image', data: PNG, mimeType: 'image/png' }] }),
  test_audio_content: () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] }),
  test_embedded_resource: () => ({
    content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  }),
  test_multiple_content_types: () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: PNG, mimeType: 'image/png' },
      embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
    ],
  }),
  test_tool_with_logging: async (_, { sendNotification }) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await sendNotification({ method: 'notifications/message', params: { level: 'info', data } });
      await sleep(50);
    }
    return text('logged');
  },
  test_tool_with_progress: async (_, { sendNotification, _meta }) => {
    for (const progress of [0, 50, 100]) {
      const params = { progressToken: _meta?.progressToken, progress, total: 100 };
      if (_meta?.progressToken !== undefined) await sendNotification({ method: 'notifications/progress', params });
      await sleep(50);
    }
    return text('progressed');
  },
  test_error_handling: () => ({ ...text('This tool intentionally returns an error for testing'), isError: true }),
  test_sampling: async ({ prompt }, { sendRequest }) => {
    const params = { messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens: 100 };
    const result = await sendRequest({ method: 'sampling/createMessage', params }, mcp.CreateMessageResultSchema);
    return text(`LLM response: ${result.content.text}`);
  },
  test_elicitation: async ({ message }, extra) =>
    await elicit(extra, message, { properties: { username: string, email: string }, required: ['username', 'email'] }),
  test_elicitation_sep1034_defaults: async (_, extra) =>
    await elicit(extra, 'Please fill in', {
      properties: {
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true },
      },
    }),
  test_elicitation_sep1330_enums: async (_, extra) =>
    await elicit(extra, 'Please choose', {
      properties: {
        untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
        titledSingle: { type: 'string', oneOf: titled('value1', 'value2', 'value3') },
        legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['One', 'Two', 'Three'] },
        untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
        titledMulti: { type: 'array', items: { anyOf: titled('value1', 'value2', 'value3') } },
      },
    }),
  json_schema_2020_12_tool: () => text('ok'),
  test_reconnection: async (_, { closeSSEStream }) => {
    closeSSEStream?.();
    await sleep(200);
    return text('Reconnection test completed');
  },
};

const SCHEMAS = {
  test_sampling: { type: 'object', properties: { prompt: string }, required: ['prompt'] },
  test_elicitation: { type: 'object', properties: { message: string }, required: ['message'] },
  json_schema_2020_12_tool: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: { address: { type: 'object', properties: { street: string, city: string } } },
    properties: { name: string, address: { $ref: '#/$defs/address' } },
    additionalProperties: false,
  },
};

const user = (content) => ({ role: 'user', content });
const PROMPTS = {
  test_simple_prompt: () => [user({ type: 'text', text: 'This is a simple prompt for testing.' })],
  test_prompt_with_arguments: ({ arg1, arg2 }) => [
    user({ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` }),
  ],
  test_prompt_with_embedded_resource: ({ resourceUri }) => [
    user(embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.')),
    user({ type: 'text', text: 'Please process the embedded resource above.' }),
  ],
  test_prompt_with_image: () => [
    user({ type: 'image', data: PNG, mimeType: 'image/png' }),
    user({ type: 'text', text: 'Please analyze the image above.' }),
  ],
};
const ARGUMENTS = {
  test_prompt_with_arguments: ['arg1', 'arg2'],
  test_prompt_with_embedded_resource: ['resourceUri'],
};

const RESOURCES = {
  'test://static-text': { mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
  'test://static-binary': { mimeType: 'image/png', blob: PNG },
  'test://watched-resource': { mimeType: 'text/plain', text: 'watched' },
};

function build() {
  const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true }, logging: {}, completions: {} };
  const server = new Server({ name: 'conforming', version: '1.0.0' }, { capabilities });
  const on = (schema, handler) => server.setRequestHandler(schema, handler);
  on(mcp.ListToolsRequestSchema, () => ({
    tools: Object.keys(TOOLS).map((name) => ({
      name,
      description: `Is there for the scenario ${name}.`,
      inputSchema: SCHEMAS[name] ?? { type: 'object', properties: {} },
    })),
  }));
  on(mcp.CallToolRequestSchema, async ({ params }, extra) => await TOOLS[params.name](params.arguments ?? {}, extra));
  on(mcp.ListPromptsRequestSchema, () => ({
    prompts: Object.keys(PROMPTS).map((name) => ({
      name,
      description: `Is there for the scenario ${name}.`,
      arguments: (ARGUMENTS[name] ?? []).map((argument) => ({ name: argument, required: true, description: argument })),
    })),
  }));
  on(mcp.GetPromptRequestSchema, ({ params }) => ({ messages: PROMPTS[params.name](params.arguments ?? {}) }));
  on(mcp.ListResourcesRequestSchema, () => ({
    resources: Object.entries(RESOURCES).map(([uri, { mimeType }]) => ({ uri, name: uri.slice(7), mimeType })),
  }));
  on(mcp.ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [{ uriTemplate: 'test://template/{id}/data', name: 'template', mimeType: 'application/json' }],
  }));
  on(mcp.ReadResourceRequestSchema, ({ params: { uri } }) => {
    const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
    const templated = { mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true }) };
    return { contents: [{ uri, ...(id === undefined ? RESOURCES[uri] : templated) }] };
  });
  on(mcp.SubscribeRequestSchema, () => ({}));
  on(mcp.UnsubscribeRequestSchema, () => ({}));
  on(mcp.SetLevelRequestSchema, () => ({}));
  on(mcp.CompleteRequestSchema, () => ({ completion: { values: ['test'], hasMore: false } }));
  return server;
}

async function elicit({ sendRequest }, message, { properties, required = [] }) {
  const requestedSchema = { type: 'object', properties, required };
  const params = { message, requestedSchema };
  const { action, content } = await sendRequest({ method: 'elicitation/create', params }, mcp.ElicitResultSchema);
  return text(`User response: action=${action}, content=${JSON.stringify(content)}`);
}

/** What was sent, for a client that comes back for the rest of it. */
function eventStore() {
  const events = [];
  return {
    storeEvent: async (stream, message) => {
      events.push({ id: `${stream}_${events.length}`, stream, message });
      return events.at(-1).id;
    },
    replayEventsAfter: async (last, { send }) => {
      const at = events.findIndex(({ id }) => id === last);
      const { stream } = events[at];
      for (const event of events.slice(at + 1)) if (event.stream === stream) await send(event.id, event.message);
      return stream;
    },
  };
}

const transports = new Map();
createServer(async (request, response) => {
  const known = transports.get(request.headers['mcp-session-id']);
  const transport =
    known ??
    new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: eventStore(),
      retryInterval: 100,
      enableDnsRebindingProtection: true,
      allowedHosts: [`127.0.0.1:${port}`, `localhost:${port}`],
      onsessioninitialized: (id) => transports.set(id, transport),
    });
  if (known === undefined) await build().connect(transport);
  await transport.handleRequest(request, response);
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));
