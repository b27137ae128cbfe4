# What a scheduler starts with a date: the command line, its locked packages and the notebooks.
#
#   docker build --target report -t trade-dashboard .     (make image)
#   docker run --rm --network none --read-only --cap-drop ALL --tmpfs /tmp \
#     -v trade_dashboard_store:/data/store -v trade_dashboard_outputs:/data/outputs \
#     trade-dashboard run nightly_summary --date 2025-06-30
#   docker build --target lab -t trade-dashboard-lab .    (the same, with JupyterLab on port 8888)
ARG BASE_IMAGE=python:3.13-slim-trixie

FROM ${BASE_IMAGE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python3 -m venv --without-pip /opt/venv
# requirements-remote.txt adds what opens a store in a bucket: --build-arg REQUIREMENTS=requirements-remote.txt
ARG REQUIREMENTS=requirements.txt
COPY ${REQUIREMENTS} /src/requirements.txt
# the packages' own tests are never imported; unchecked bytecode needs no writable disk and no timestamps
RUN pip --python /opt/venv/bin/python install --no-compile --require-hashes -r /src/requirements.txt \
    && find /opt/venv -type d -name tests -prune -exec rm -rf {} + \
    && /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv

# its own prefix, laid out like the venv: a change of our code then changes one small layer of the image
FROM packages AS app
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY lib lib
COPY notebooks notebooks
RUN pip --python /opt/venv/bin/python install --no-compile --no-deps --prefix /opt/app . \
    && /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/app \
    && chmod -R a+rX /opt/app notebooks

FROM ${BASE_IMAGE} AS report
RUN groupadd --gid 10001 trader \
    && useradd --uid 10001 --gid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin trader \
    && install -d -o trader -g trader /data /data/store /data/outputs /data/exports /data/metrics
COPY --from=packages /opt/venv /opt/venv
COPY --from=app /opt/app /opt/venv
COPY --from=app /src/notebooks /notebooks
# the root may be read-only and the user anyone: all that wants a home finds it under /tmp
ENV PATH=/opt/venv/bin:$PATH \
    LANG=C.UTF-8 TZ=UTC \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    HOME=/tmp USER=trader \
    IPYTHONDIR=/tmp/ipython MPLCONFIGDIR=/tmp/matplotlib \
    JUPYTER_CONFIG_DIR=/tmp/jupyter/config JUPYTER_DATA_DIR=/tmp/jupyter/data JUPYTER_RUNTIME_DIR=/tmp/jupyter/runtime \
    XDG_CACHE_HOME=/tmp/cache XDG_CONFIG_HOME=/tmp/config XDG_DATA_HOME=/tmp/share \
    TRADE_DASHBOARD_STORE=/data/store TRADE_DASHBOARD_OUTPUTS=/data/outputs TRADE_DASHBOARD_NOTEBOOKS=/notebooks
WORKDIR /data
USER 10001:10001
# process 1 never hears of a signal that comes before it listens: held back until then, a stop is not lost
ENTRYPOINT ["env", "--block-signal=TERM", "--block-signal=INT", "trade-dashboard"]
CMD ["--help"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="trade-dashboard" \
      org.opencontainers.image.description="Reports from notebooks that a trader can trust" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM report AS lab
USER root
COPY requirements-lab.txt /opt/
RUN PIP_NO_CACHE_DIR=1 pip --python /opt/venv/bin/python install --require-hashes -r /opt/requirements-lab.txt \
    && chown -R trader:trader /notebooks
WORKDIR /notebooks
USER 10001:10001
EXPOSE 8888
ENTRYPOINT ["jupyter", "lab", "--ip=0.0.0.0", "--port=8888", "--no-browser", "--ServerApp.root_dir=/notebooks"]
CMD []

# The last stage is what a plain `docker build .` gives, and that is the report image. It is one more name for a stage
# above, and not lab moved before it, because the classic builder builds every stage up to its target: so
# `--target report` stops before JupyterLab under both builders.
FROM report
