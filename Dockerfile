# One image for worker, gateway, sandbox and command line; the command says which.

FROM ghcr.io/astral-sh/uv:0.13.8 AS uv

FROM python:3.13.16-slim-trixie@sha256:bf44cdfcb76cd3b41e879bc058fc37ec5872002ccfde7fcb765e218cde0cd79c AS builder
COPY --from=uv /uv /bin/uv
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_DEFAULT_GROUPS=1 \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /app
# The dependencies first: they change seldom, so this layer is mostly taken from the cache.
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,source=uv.lock,target=uv.lock \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    uv sync --locked --extra service --extra tracing --no-install-project
COPY . .
# Editable: `baton` runs from /app and finds the worker beside it, which no wheel holds. The user of the image cannot
# write bytecode, so it is written here; unchecked, because nothing in an image changes.
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --locked --extra service --extra tracing \
    && python -m compileall -q --invalidation-mode unchecked-hash activities baton workflows worker.py rehearse.py starter.py

# The same tag as the builder: the environment refers to its interpreter by path.
FROM python:3.13.16-slim-trixie@sha256:bf44cdfcb76cd3b41e879bc058fc37ec5872002ccfde7fcb765e218cde0cd79c
# Owned by root and run by another: the service cannot change its own code.
COPY --from=builder /app/.venv /app/.venv
COPY --from=builder /app/activities /app/activities
COPY --from=builder /app/baton /app/baton
COPY --from=builder /app/workflows /app/workflows
COPY --from=builder /app/worker.py /app/rehearse.py /app/starter.py /app/
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BATON_HOME=/var/lib/baton \
    BATON_LOG_FORMAT=json
RUN install -d -o 10001 -g 10001 -m 0750 /var/lib/baton
WORKDIR /var/lib/baton
USER 10001:10001
ENTRYPOINT ["baton"]
CMD ["--help"]
