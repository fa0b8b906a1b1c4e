# The official bases of ops/docker/Dockerfile, by digest. ops/docker/build reads the lines here: Dependabot updates an image in a FROM
# line, but not in an ARG. A digest is that of the index, which has every architecture.
FROM docker.io/library/rust:1.95-bookworm@sha256:6258907abe69656e41cd992e0b705cdcfabcbbe3db374f92ed2d47121282d4a1 AS rust
FROM docker.io/library/postgres:17-bookworm@sha256:4f736ae292687621d4dbe0d499ffd024a36bd2ee7d8ca6f2ccd4c800f047b394 AS postgres
FROM docker.io/library/debian:12-slim@sha256:60eac759739651111db372c07be67863818726f754804b8707c90979bda511df AS debian
