# Sealwatch as a service: see docs/service.md. The image of the build and the one that runs are the same system, so
# that the native module of the store fits.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
# For better-sqlite3, where no binary of it can be had for this platform.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ make python3 \
    && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production \
    HOME=/data \
    npm_config_cache=/data/cache \
    npm_config_update_notifier=false
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY rules rules
COPY data data
# The program belongs to root: whoever runs it cannot change it. A new volume at /data belongs to whoever runs it.
RUN install -d -o node -g node -m 0700 /data
VOLUME ["/data"]
USER node
# A store that does not answer, and a process that hangs, are unhealthy. SEALWATCH_HEALTH_PORT where it is another port.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["node", "/app/data/image/health-check.mjs"]
ENTRYPOINT ["node", "/app/dist/main.js", "--config", "/etc/sealwatch/sealwatch.yaml", "--state-dir", "/data/store"]
CMD ["serve", "--log-format", "json"]
