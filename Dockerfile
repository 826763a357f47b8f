# hullcheck as an image, for machines without Node:
#   docker build -t hullcheck .
#   docker run --rm -v "$PWD:/work:ro" hullcheck lint .
#   docker save app | docker run --rm -i hullcheck inspect -
# The base has Node 20.19 or later; the first stage also wants its npm.
ARG BASE=node:24.21.0-alpine

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/setup.js scripts/bundle.js scripts/
COPY bin bin
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${BASE}
COPY --from=build /build/package.json /opt/hullcheck/package.json
COPY --from=build /build/node_modules /opt/hullcheck/node_modules
COPY --from=build /build/dist /opt/hullcheck/dist
COPY --from=build /build/bin /opt/hullcheck/bin
COPY LICENSE /opt/hullcheck/LICENSE
ENV NODE_ENV=production
USER 10001:10001
WORKDIR /work
ENTRYPOINT ["node", "/opt/hullcheck/bin/hullcheck.js"]
CMD ["--help"]
