# The page is built in one stage, Python set up from the lock in a second, and neither's tools are in what runs.
FROM node:22-bookworm-slim AS page
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend ./
COPY backend/openapi.json ../backend/openapi.json
RUN npm run build

FROM python:3.12-slim-bookworm AS python
RUN pip install --no-cache-dir uv
WORKDIR /src
COPY requirements.lock ./
RUN uv venv /venv && uv pip install --python /venv/bin/python --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY models models
COPY atlas atlas
COPY backend backend
COPY --from=page /src/backend/page backend/page
RUN uv pip install --python /venv/bin/python --no-deps --no-build-isolation .

FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 1000 lucarne && mkdir /data && chown lucarne /data
COPY --from=python /venv /venv
USER lucarne
ENV PATH="/venv/bin:$PATH" LUCARNE_DATA=/data LUCARNE_WEIGHTS=/data/weights PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez')"]
CMD ["lucarne", "serve", "--host", "0.0.0.0", "--port", "8000", "--allowed-host", "localhost", "--allowed-host", "127.0.0.1"]
