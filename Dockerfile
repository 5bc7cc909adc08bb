# The app, and the small checker beside it; data in /data. Our tests run it, but for the first stage.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends cmake g++ make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package api --package evidence --bin medlock --bin medlock-check

FROM debian:bookworm-slim
# Whom to trust when a node or a witness answers over https.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --user-group --no-create-home medlock \
    && install -d -o medlock -g medlock -m 0700 /data /guard /key
COPY --from=build /src/target/release/medlock /src/target/release/medlock-check /usr/local/bin/
USER medlock
# Apart from the data, so that no backup of the data holds it: it tells an old database from the newest.
ENV MEDLOCK_TRANSPARENCY__GUARD_FILE=/guard/data.guard
# Apart from the data, so that a copy of the data opens nothing: keep a copy of it in a safe place.
ENV MEDLOCK_MASTER_KEY_FILE=/key/master.key
VOLUME /data /guard /key
EXPOSE 8480
# The image has no curl; bash speaks enough HTTP for this.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/8480 && printf 'GET /livez HTTP/1.0\\r\\n\\r\\n' >&3 && head -1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["medlock"]
CMD ["serve", "--data", "/data", "--listen", "0.0.0.0:8480"]
