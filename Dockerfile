# An image with nothing in it but the executable, root certificates and a user.
#
#   docker build -t stead .
#   docker run --name stead -p 8090:8090 -v stead:/data stead
#   docker exec stead /stead superuser upsert you@example.com A-GOOD-PASSWORD
#
# Scripts, migrations and static files lie beside the data, outside of the volume, so that folders with them are mounted too:
# -v "$PWD/hooks:/hooks" -v "$PWD/migrations:/migrations" -v "$PWD/public:/public".

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
ARG STEAD_COMMIT
RUN scripts/image-root "$(scripts/release build | tail -n 1)" /root-of-image

FROM scratch
COPY --from=build /root-of-image/ /
USER 10001:10001
ENV STEAD_DIR=/data STEAD_HTTP=0.0.0.0:8090
VOLUME /data
EXPOSE 8090
ENTRYPOINT ["/stead"]
CMD ["serve"]
