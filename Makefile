# airq: `make help` lists what there is.
.DEFAULT_GOAL := help
CARGO ?= cargo
include deploy.env
-include deploy.local.env
export ENGINE REGISTRY IMAGE_TAG AIRQ_DIGEST AIRQ_POSTGRES_DIGEST BASES BUILD_FLAGS PUSH_FLAGS MONITORING LOGGING REGISTRY_USER REGISTRY_PASSWORD_FILE

.PHONY: help
help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The benchmarks have no tests; `make check` compiles them.
.PHONY: test
test: ## Every test; installs the servers it needs (PostgreSQL, Redis) by package name, leaves nothing running
	@scripts/install-services
	$(CARGO) test --workspace --exclude airq-benches --all-features

.PHONY: test-full
test-full: test test-contract ## Every test, the contract, and of the core those that take their time: a Redis cluster that loses a primary
	$(CARGO) test -p airq-engine --all-features -- --ignored

.PHONY: test-contract
test-contract: ## Generated Python and TypeScript clients, linters of openapi.json, schemathesis, promtool (all installed by name)
	@scripts/contract-test

.PHONY: test-browser
test-browser: ## The page in a real Chromium (installed by package name); screenshots in target/tmp
	@scripts/browser-test

.PHONY: check
check: ## What CI checks besides the tests: format, clippy, docs, package, dependencies
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --all-features -- -D warnings
	$(CARGO) clippy -p airq-engine --no-default-features -- -D warnings
	$(CARGO) clippy -p airq-cli --no-default-features -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --workspace --all-features --no-deps
	$(CARGO) package -p airq-engine --allow-dirty --quiet
	ops/verify dependencies api

.PHONY: verify
verify: ## Check the files for operators, each by its own tool
	@ops/verify

.PHONY: manifests
manifests: ## Write the images of $(REGISTRY) into the Kubernetes manifests (IMAGE_TAG=… or AIRQ_DIGEST=… AIRQ_POSTGRES_DIGEST=…)
	@ops/k8s/render

.PHONY: print-images
print-images:
	@echo "$(REGISTRY) $(or $(IMAGE_TAG),$(shell sed -n '/^\[workspace.package\]/,/^\[/ s/^version = "\(.*\)"/\1/p' Cargo.toml))"

.PHONY: rehearse
rehearse: ## Run everything for real and break it: images, pods, failover, backups, logs, … (root, about an hour; ops/rehearse NAME for one)
	@ops/rehearse

.PHONY: build
build: ## Build the images localhost/airq and localhost/airq-postgres (BASES=local without a registry)
	@ops/docker/build

.PHONY: up
up: ## Bring everything up on this machine by compose and wait for the first answer (MONITORING=yes LOGGING=yes for more)
	@ops/compose up

.PHONY: stop
stop: ## Stop what `up` brought up, and keep its containers and data
	@ops/compose stop

.PHONY: start
start: ## Start it again
	@ops/compose start

.PHONY: down
down: ## Remove its containers; the data stay (ops/compose down --volumes removes them too)
	@ops/compose down

.PHONY: logs
logs: ## Follow its logs
	@ops/compose logs --follow --tail 100

.PHONY: publish
publish: ## Push the built images to $(REGISTRY), tagged by version and git revision
	@ops/docker/publish

.PHONY: dist
dist: ## Pack a release: static programs, manual pages, completions, licences, bill of materials; target/dist/airq-*.tar.gz
	@packaging/dist

.PHONY: deb
deb: ## Make the Debian package target/dist/airq_*.deb
	@packaging/deb

.PHONY: wheel
wheel: ## Make the Python wheel of airq-cli, target/dist/airq_cli-*.whl
	@packaging/wheel

.PHONY: try-packages
try-packages: dist deb wheel ## Try the three in clean environments, and build the archive twice for the same bytes (root)
	@packaging/try-dist --reproduce
	@packaging/try-deb
	@packaging/try-wheel

.PHONY: try-arm64
try-arm64: dist ## Build the archive for arm64 on x86-64, and compare its programs under qemu with those of x86-64 (root)
	@packaging/try-arm64

.PHONY: docs
docs: ## Build the documentation site in target/site from docs/, and check its links
	@scripts/docs

PREFIX ?= /usr/local
.PHONY: install
install: ## Install airq with its links airq-cli and airq-server, manual pages and completions under $(PREFIX) (DESTDIR=… for a package)
	$(CARGO) build --release -p airq
	packaging/install target/release/airq $(DESTDIR)$(PREFIX) site-functions

.PHONY: demo
demo: ## Serve the sample data set on 127.0.0.1:8080
	$(CARGO) run --release -p airq-server

.PHONY: bench
bench: ## In-process benchmarks (criterion)
	$(CARGO) bench -p airq-benches

.PHONY: bench-check
bench-check: ## Whether the in-process goals are met, by ratios measured in one run
	$(CARGO) run --release -p airq-benches --bin airq-bench-check

.PHONY: bench-peers
bench-peers: ## Measure airq-cli and DuckDB, Polars, Miller, xan, … on one file: writes docs/peers.md and docs/peers.svg
	benches/peers/run

.PHONY: bench-serve
bench-serve: ## airq-server beside bare tiny_http, nginx and Flask, under wrk: writes docs/serve.md (a quarter of an hour)
	benches/serve/run

.PHONY: fuzz
fuzz: ## Ten minutes of fuzzing each target (FUZZ_SECONDS to change that)
	fuzz/run

# Sanitizers are a nightly's; RUSTC_BOOTSTRAP lets a stable rustc take the flag, too.
.PHONY: test-asan
test-asan: ## The tests of reader and encoders under AddressSanitizer
	RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address CARGO_TARGET_DIR=$${CARGO_TARGET_DIR:-target}/asan \
	  $(CARGO) test -p airq-engine --features formats,testing --target $$(rustc -vV | sed -n 's/host: //p') \
	  --lib --test paths --test shapes --test golden --test nasty --test csv_modes

.PHONY: measure-postgres
measure-postgres: ## Imports and queries of PostgreSQL against psql, side by side (ARGS='--sizes 100000,1000000,10000000')
	@scripts/install-services
	$(CARGO) build --release -p airq-cli -p airq-benches
	target/release/airq-measure-postgres $(ARGS)

.PHONY: measure-importers
measure-importers: ## Imports of each published format as a share of airq's own (ARGS='--measurements 1000000')
	@scripts/install-services
	$(CARGO) build --release -p airq-benches --bin airq-measure-importers
	target/release/airq-measure-importers $(ARGS)

.PHONY: clean
clean: ## Remove what was built
	$(CARGO) clean
