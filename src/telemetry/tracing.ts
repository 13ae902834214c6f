import { context, type Span, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';

import { codeOf } from '../errors.js';
import type { Logger, Telemetry } from '../ports.js';

/** Traces of what the service does. */
export interface Tracing {
  readonly span: Telemetry['span'];
  /** Sends what has not been sent yet; waits for a collector that does not answer a few seconds at most. */
  readonly stop: () => Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A collector that does not answer must not keep the service from ending. */
const FLUSH_MS = 3_000;

/**
 * Returns traces that go to an OpenTelemetry collector over OTLP, where the standard variables name one; else none, and then
 * nothing of OpenTelemetry's SDK is even loaded. The exporter reads its endpoint and headers from the environment by itself.
 *
 * OpenTelemetry, Environment Variable Specification 1.x.
 */
export async function startTracing(env: Environment, version: string, logger: Logger): Promise<Tracing> {
  if (!isWanted(env))
    return { span: (_name, _attributes, action) => action(() => undefined), stop: () => Promise.resolve() };
  const { BatchSpanProcessor, NodeTracerProvider } = await import('@opentelemetry/sdk-trace-node');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = await import(
    '@opentelemetry/resources'
  );
  const named = resourceFromAttributes({ 'service.name': 'sealwatch', 'service.version': version });
  const resource = defaultResource()
    .merge(named)
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  // So that spans find the one that they are part of.
  provider.register();
  logger.info('traces go to the OpenTelemetry collector that the environment names');
  return {
    span: spanWith(provider.getTracer('sealwatch', version)),
    stop: async () => {
      await Promise.race([provider.shutdown().catch(ignore), pause(FLUSH_MS)]);
      trace.disable();
      context.disable();
    },
  };
}

function isWanted(env: Environment): boolean {
  const isNamed = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].some((name) =>
    isSet(env[name]),
  );
  const isOff = env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none';
  return isNamed && !isOff;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function spanWith(tracer: Tracer): Telemetry['span'] {
  return (name, attributes, action) =>
    tracer.startActiveSpan(name, { attributes: { ...attributes } }, async (span) => {
      try {
        return await action((key, value) => {
          span.setAttribute(key, value);
        });
      } catch (error) {
        markFailed(span, error);
        throw error;
      } finally {
        span.end();
      }
    });
}

/** The code says what failed; a message may hold text of a server, which is nobody's attribute. */
function markFailed(span: Span, error: unknown): void {
  span.setAttribute('error.type', codeOf(error));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Traces are an aid: the exporter has reported what it could not send. */
function ignore(): void {
  return undefined;
}

async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
