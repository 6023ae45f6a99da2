# One image for gateway, chat and mfa: the command says which one runs.

FROM rust:1-slim-bookworm AS rust
RUN apt-get update \
 && apt-get install -y --no-install-recommends build-essential \
 && rm -rf /var/lib/apt/lists/* \
 && rustup target add wasm32-unknown-unknown
WORKDIR /snug
COPY .cargo .cargo
COPY Cargo.toml Cargo.lock ./
COPY migrations migrations
COPY crates crates

FROM rust AS servers
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/snug/target \
    cargo build --release --locked --bins -p gateway -p chat -p mfa -p xtask \
 && mkdir -p /out \
 && cp target/release/snug-gateway target/release/snug-chat target/release/snug-mfa /out/ \
 && cp target/release/xtask /out/xtask

FROM node:22-bookworm-slim AS packages
WORKDIR /snug/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-fund --no-audit

# The engine for browsers needs Rust, and wasm-opt of the packages, which needs Node.
FROM rust AS engine
# What is not ready for everybody: docs/encryption.md names what there is.
ARG SNUG_EXPERIMENTS=""
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
COPY --from=packages /snug/frontend/node_modules frontend/node_modules
COPY --from=servers /out/xtask /usr/local/bin/xtask
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/snug/target \
    SNUG_EXPERIMENTS="$SNUG_EXPERIMENTS" xtask wasm

FROM packages AS frontend
COPY frontend ./
COPY --from=engine /snug/frontend/src/core/wasm src/core/wasm
COPY --from=servers /out/xtask /usr/local/bin/xtask
RUN npm run build && xtask build-manifest --of dist

FROM debian:bookworm-slim AS snug
# The CAs of the world: for webhooks, Web Push, Telegram, S3.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 snug \
 && useradd --system --uid 10001 --gid snug --home-dir / --shell /usr/sbin/nologin snug \
 && for part in ca gateway chat mfa chat-db mfa-db; do \
      install -d -o snug -g snug -m 0755 /secrets/$part; \
    done \
 && install -d -o snug -g snug -m 0700 /var/lib/snug
COPY --from=servers /out/ /usr/local/bin/
COPY --from=frontend /snug/frontend/dist /srv/frontend
COPY LICENSE /usr/share/doc/snug/LICENSE
USER snug
ENV FRONTEND_DIR=/srv/frontend LISTEN=0.0.0.0 LOG_FORMAT=json
STOPSIGNAL SIGTERM
CMD ["snug-gateway"]
