# An image with nothing in it but the executable, root certificates and a user.
#
#   docker build -t stead .
#   docker run -p 8090:8090 -v stead:/data stead

FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev ca-certificates
WORKDIR /src
COPY . .
RUN cargo build --release --locked \
    && mkdir -p /root-of-image/data /root-of-image/etc/ssl/certs /root-of-image/tmp \
    && cp target/release/stead /root-of-image/stead \
    && cp /etc/ssl/certs/ca-certificates.crt /root-of-image/etc/ssl/certs/ \
    && echo "stead:x:10001:10001::/data:/nonexistent" > /root-of-image/etc/passwd \
    && chown -R 10001:10001 /root-of-image/data /root-of-image/tmp

FROM scratch
COPY --from=build /root-of-image/ /
USER 10001:10001
ENV STEAD_DIR=/data STEAD_HTTP=0.0.0.0:8090
VOLUME /data
EXPOSE 8090
ENTRYPOINT ["/stead"]
CMD ["serve"]
