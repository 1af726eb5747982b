# docker build -t recloser .
# The steps are the two scripts in deploy/image/; deploy/try-dockerfile.sh carries this file out without an engine.

FROM debian:12-slim AS build
WORKDIR /src
# The packages first: they change less often than the code.
COPY dev ./
RUN ./dev setup build
COPY . ./
RUN deploy/image/build.sh /out

FROM debian:12-slim
COPY deploy/image/runtime.sh /tmp/
RUN /tmp/runtime.sh
COPY --from=build /out/recloser /usr/local/bin/
# Nothing is written at run time, so the root filesystem may be read-only.
USER 10001:10001
EXPOSE 4100
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/usr/local/bin/recloser", "health"]
ENTRYPOINT ["/usr/local/bin/recloser"]
# Beyond loopback the daemon wants client keys: set RECLOSER_KEYS, separated by commas.
CMD ["serve", "--listen", "0.0.0.0:4100"]
