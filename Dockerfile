# One image for every process of Learning Hub: serve SERVICE, work SERVICE, relay, schedule, migrate, backup, check.
# A release names the base by digest: --build-arg PYTHON=python:3.11-slim-bookworm@sha256:...
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS base
ENV PATH=/venv/bin:$PATH \
    PIP_CACHE_DIR=/var/cache/pip \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app

# What is installed changes seldom: it is built before the code is looked at.
FROM base AS deps
RUN python3 -m venv /venv
# pip's cache is a mount: it stays with the builder.
# hadolint ignore=DL3042
RUN --mount=type=cache,target=/var/cache/pip \
    --mount=type=bind,source=requirements,target=/requirements \
    pip install --disable-pip-version-check --require-hashes --requirement /requirements/production.txt

# Translations, static files and bytecode are made once here, so that no process ever writes beside the code.
FROM deps AS assets
COPY apps apps
COPY config config
COPY learninghub learninghub
COPY scripts scripts
COPY manage.py ./
RUN python -m scripts.compile_messages \
    && LEARNINGHUB_VAR=/tmp/var python manage.py collectstatic --noinput \
    && python -m compileall -q --invalidation-mode unchecked-hash apps config learninghub manage.py

# Tests and the sandbox of outside services; never shipped.
FROM deps AS test
# hadolint ignore=DL3042
RUN --mount=type=cache,target=/var/cache/pip \
    --mount=type=bind,source=requirements,target=/requirements \
    pip install --disable-pip-version-check --require-hashes --requirement /requirements/test.txt
COPY --from=assets /app ./
COPY . .
ENTRYPOINT ["python", "-m"]

FROM base AS runtime
# Pango and fontconfig draw certificates and invoices, tini passes signals on, pg_dump makes the backup.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        fontconfig libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 postgresql-client tini \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 hub \
    && useradd --uid 10001 --gid hub --no-create-home --home-dir /tmp --shell /usr/sbin/nologin hub
COPY --from=assets /venv /venv
COPY --from=assets /app/manage.py ./
COPY --from=assets /app/learninghub learninghub
COPY --from=assets /app/apps apps
COPY --from=assets /app/config config
COPY --from=assets /app/static static
# All that is written goes to /tmp: the rest of the file system may be read-only, and belongs to root.
ENV LEARNINGHUB_VAR=/tmp/var \
    LOG_FORMAT=json
USER 10001:10001
EXPOSE 3000
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--", "python", "manage.py"]
CMD ["serve"]
ARG GIT_SHA=unknown
LABEL org.opencontainers.image.title="Learning Hub" \
      org.opencontainers.image.description="An open learning platform: every service of it" \
      org.opencontainers.image.revision="${GIT_SHA}"
