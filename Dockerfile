# An image with nothing in it but the executable, root certificates and a user.
#
#   docker build -t stead .
#   docker run -p 8090:8090 -v stead:/data stead

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
