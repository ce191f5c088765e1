# Images of jitfarm: `farm` (coordinator, worker, command line) and `client` (the same with a JDK and the example).
FROM debian:bookworm-slim AS build
COPY . /source
WORKDIR /source
RUN apt-get update && scripts/build release \
 && cmake --install build/release --prefix /opt/jitfarm-install/usr \
 && mkdir -p /opt/examples && javac -d /opt/examples examples/Kernels.java

FROM debian:bookworm-slim AS farm
RUN apt-get update && apt-get install -y --no-install-recommends \
      libllvm19 libzmq5 libsodium23 libspdlog1.10 libfmt9 libprometheus-cpp-core1.0 libmicrohttpd12 libncursesw6 libtinfo6 libzstd1 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/jitfarm-install/usr /usr
RUN useradd --system --create-home jitfarm
USER jitfarm

FROM farm AS client
USER root
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/examples /usr/share/jitfarm/examples
USER jitfarm
