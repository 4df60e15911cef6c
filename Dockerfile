# One image for the hub, the worker and the migration: the command says which one runs.

FROM python:3.13.14-slim-trixie@sha256:6771159cd4fa5d9bba1258caf0b82e6b73458c694d178ad97c5e925c2d0e1a91 AS build
WORKDIR /build
COPY requirements.lock requirements-web.lock ./
# Wheels alone, so that no compiler is ever needed. The outer pip fills the environment, which gets none of its own.
# Node builds the pages, and is not in the image that runs.
RUN python -m venv --without-pip /venv \
    && python -m pip --python /venv/bin/python install --only-binary :all: --require-hashes -r requirements.lock \
    && python -m pip install --no-cache-dir --only-binary :all: --require-hashes --target node -r requirements-web.lock
COPY pyproject.toml README.md LICENSE ./
COPY hub ./hub
COPY migrations ./migrations
COPY models ./models
COPY workers ./workers
RUN PYTHONPATH=node /venv/bin/python hub/web/build.py \
    && python -m pip --python /venv/bin/python install --no-deps --no-build-isolation .

FROM python:3.13.14-slim-trixie@sha256:6771159cd4fa5d9bba1258caf0b82e6b73458c694d178ad97c5e925c2d0e1a91
COPY --from=build /venv /venv
# What is kept lies in /data: the signing key and, while there is no mail server, the mails.
RUN install -d -o 10001 -g 10001 -m 0700 /data
ENV PATH=/venv/bin:$PATH \
    HOME=/data \
    HOST=0.0.0.0 \
    PYTHONUNBUFFERED=1
WORKDIR /data
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; hub = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 8000), timeout=4); hub.request('GET', '/health/ready'); sys.exit(hub.getresponse().status != 200)"]
CMD ["hub", "serve"]
