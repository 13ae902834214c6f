import { z } from 'zod';

import type { DeliveryRecord } from '../../model/alert.js';
import { CHANGE_CLASSES } from '../../model/drift.js';
import { SEVERITIES } from '../../model/finding.js';
import { listDeliveries, retryDelivery } from '../../monitor/deliveries.js';
import { overview } from '../../monitor/overview.js';
import { SERVER_STATES } from '../../monitor/servers.js';
import { defineOperation, type Operation } from './operation.js';
import { EMPTY_BODY, ID_PARAMS } from './request-inputs.js';
import { URGENCY } from './request-schemas.js';
import { ME, MOMENT, named, several, whole } from './schemas.js';

const MAX_DELIVERIES = 200;
const MAX_DAYS = 366;
const DELIVERY_STATES = ['waiting', 'sent', 'dead'] as const;

const COUNT = z.number().int();

const OVERVIEW = named(
  'Overview',
  z.object({
    at: MOMENT,
    servers: z.record(z.enum(SERVER_STATES), COUNT),
    waiting: COUNT.meta({ description: 'Requests that wait for a decision.' }),
    drift: z.array(
      z.object({ day: z.string().meta({ format: 'date' }), critical: COUNT, high: COUNT, low: COUNT, info: COUNT }),
    ),
    approval: z.object({
      approved: COUNT,
      medianMs: z.number().nullable(),
      p90Ms: z.number().nullable(),
      buckets: z.array(z.object({ upToMs: z.number().nullable(), count: COUNT })),
    }),
    classes: z.array(z.object({ class: z.enum(CHANGE_CLASSES), count: COUNT })),
    rules: z.array(z.object({ rule: z.string(), severity: z.enum(SEVERITIES), count: COUNT })),
    deliveries: z
      .object({ waiting: COUNT, dead: COUNT })
      .nullable()
      .meta({ description: 'Null for somebody who may not see every server.' }),
  }),
);

const DELIVERY_LIST = named(
  'DeliveryList',
  z.object({
    deliveries: z
      .array(
        z.object({
          id: COUNT,
          channel: z.string(),
          recipient: z.string(),
          subject: z.looseObject({
            kind: z.enum([
              'change-request',
              'digest',
              'unchecked',
              'unchecked-too-long',
              'channel-failed',
              'certificate-expires',
            ]),
          }),
          urgency: URGENCY,
          state: z.enum(DELIVERY_STATES),
          createdAt: MOMENT,
          attempts: COUNT,
          nextAttemptAt: MOMENT,
          sentAt: MOMENT.nullable(),
          message: z.string().nullable().meta({ description: 'Of the newest failure.' }),
        }),
      )
      .meta({ description: 'Newest first.' }),
  }),
);

const RETRIED = named('Retried', z.object({ delivery: COUNT }));

const getOverview = defineOperation({
  path: '/overview',
  id: 'getOverview',
  tag: 'Overview',
  summary: 'Count servers by state, drift, time to approval and findings',
  role: 'viewer; what you may not see is not counted',
  refusals: [],
  query: z.strictObject({ days: whole(1, MAX_DAYS).default(30) }),
  response: OVERVIEW,
  handle: async ({ query }, { principal, site }) => {
    const { approval, deliveries, ...made } = await overview(principal, site.servers, query, site.deps);
    const { approved, medianMs, p90Ms, buckets } = approval;
    return {
      ...made,
      approval: {
        approved,
        medianMs: medianMs ?? null,
        p90Ms: p90Ms ?? null,
        buckets: buckets.map(({ upToMs, count }) => ({ upToMs: upToMs ?? null, count })),
      },
      deliveries: deliveries ?? null,
    };
  },
});

const deliveries = defineOperation({
  path: '/deliveries',
  id: 'listDeliveries',
  tag: 'Deliveries',
  summary: 'List alerts on their way, given up or sent, newest first',
  role: 'viewer of every server',
  refusals: [403],
  query: z.strictObject({
    state: several(DELIVERY_STATES).optional(),
    limit: whole(1, MAX_DELIVERIES).default(MAX_DELIVERIES),
  }),
  response: DELIVERY_LIST,
  handle: async ({ query }, { principal, site }) => {
    const { state, limit } = query;
    const filter = { ...(state === undefined ? {} : { states: state }), limit };
    return { deliveries: (await listDeliveries(principal, filter, site.deps)).map(deliveryJson) };
  },
});

const retry = defineOperation({
  path: '/deliveries/{id}/retry',
  id: 'retryDelivery',
  tag: 'Deliveries',
  summary: 'Put an alert that was given up on its way again',
  role: 'admin of every server',
  refusals: [403, 404, 413, 415],
  params: ID_PARAMS,
  body: EMPTY_BODY,
  response: RETRIED,
  handle: async ({ params }, { principal, site }) => {
    await retryDelivery(principal, params.id, site.deps);
    return { delivery: params.id };
  },
});

const me = defineOperation({
  path: '/me',
  id: 'getMe',
  tag: 'Overview',
  summary: 'Read who you are and what you may do',
  role: 'anybody who is known',
  refusals: [],
  response: ME,
  handle: (_, { principal }) => {
    const { id, name, how, grants } = principal;
    return Promise.resolve({ id, name, how, grants });
  },
});

export const SERVICE_OPERATIONS: readonly Operation[] = [getOverview, deliveries, retry, me];

function deliveryJson(delivery: DeliveryRecord) {
  const { id, channel, recipient, subject, urgency, state, createdAt, attempts, nextAttemptAt } = delivery;
  const shown = { id, channel, recipient, subject, urgency, state, createdAt, attempts, nextAttemptAt };
  return { ...shown, sentAt: delivery.sentAt ?? null, message: delivery.message ?? null };
}
