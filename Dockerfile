# The image of controller and speaker. What is in it is made by the script that makes it without a container engine too: npm run rootfs.
#
#   docker build -t localhost/metallb-ts:0.1.0 .

FROM node:24-bookworm-slim AS build
# dpkg and apt are there; strip is not.
RUN apt-get update && apt-get install -y --no-install-recommends binutils
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# No package's script needs to run.
RUN npm ci --ignore-scripts
COPY . .
RUN node scripts/rootfs.mjs /rootfs

FROM scratch
COPY --from=build /rootfs /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENTRYPOINT ["/usr/bin/metallb"]
