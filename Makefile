# Every target is one line of work; `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TARGET := $(or $(CARGO_TARGET_DIR),target)
PACER_FETCH := $(TARGET)/debug/pacer-fetch
# Extra collections, which a clone does without (CONTRIBUTING.md).
CORPUS ?= $(or $(PACER_FETCH_CORPUS),../shared/corpus)
DOCUMENTS ?= $(or $(PACER_FETCH_DOCUMENTS),../shared/documents)
SCORER ?= ../shared/tools/score-parsers

# The checked queries are built from the committed data in .sqlx, not from a database.
ifneq ($(wildcard .sqlx),)
export SQLX_OFFLINE := true
endif

.PHONY: help
help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

.PHONY: install
install: ## install what is missing on this machine, and print what and why
	@scripts/install

# What only the storms need, so that nobody else installs it.
.PHONY: install-chaos
install-chaos:
	@scripts/install chaos

.PHONY: build
build: install
	@echo "building; the first time takes minutes" >&2
	@cargo build --workspace --bins --quiet

.PHONY: demo
demo: build ## buy a docket and a scanned document from a simulated PACER, and show each step
	@$(PACER_FETCH) dev demo

.PHONY: run
run: build ## start everything and stay up
	@$(PACER_FETCH) dev run

.PHONY: services
services: build ## start only Postgres and NATS and run a command beside them: make services COMMAND='…'
	@$(PACER_FETCH) dev services -- $(or $(COMMAND),sleep infinity)

.PHONY: migrate
migrate: build ## migrate the schema of the database at PACER_FETCH_DATABASE_URL
	@$(PACER_FETCH) migrate

.PHONY: fmt
fmt: ## format the code
	@cargo fmt --all

.PHONY: fmt-check
fmt-check:
	@cargo fmt --all --check

# What looks for dependencies that nothing uses; building it takes a minute.
.PHONY: install-machete
install-machete:
	@scripts/install machete

.PHONY: lint
# Without default features: no test stack in the command, and no network of ours in ocr.
lint: install-machete ## clippy and docs, warnings denied; unused dependencies; the programs without their features
	.run/tools/bin/cargo-machete crates tests
	cargo clippy --workspace --all-targets -- --deny warnings
	cargo clippy --workspace --bins --no-default-features -- --deny warnings
	tree=$$(cargo tree --package cli --no-default-features --edges normal); ! grep -E 'dev-stack|pacer-sim' <<<"$$tree"
	RUSTDOCFLAGS='--deny warnings' cargo doc --workspace --no-deps --document-private-items --quiet

.PHONY: lint-proto
lint-proto: install ## the messages of gRPC and of the queue: their form, and that the last release still understands them
	@scripts/lint-proto

# Programs and tests in one go: the lives start the programs, and building both together keeps
# cargo from building dependencies twice with different features.
.PHONY: test
test: install ## all tests, with a private Postgres and NATS
	cargo build --workspace --bins --tests --quiet
	$(PACER_FETCH) dev services -- scripts/test

# The same build as for the tests, for the same reason.
.PHONY: test-compat
test-compat: install ## clients written by others: juriscraper, grpcio, schemathesis, a generated client (tests/compat)
	cargo build --workspace --bins --tests --quiet
	tests/compat/run $(TARGET)/debug/pacer-sim

# MINUTES of calls that schemathesis makes up from the OpenAPI document.
MINUTES ?= 1
.PHONY: test-schema
test-schema: install ## the HTTP API by its own description: made-up calls for MINUTES=1, and a generated client
	cargo build --workspace --bins --tests --quiet
	PACER_FETCH_SCHEMA_MINUTES=$(MINUTES) tests/compat/run $(TARGET)/debug/pacer-sim check_schema

.PHONY: test-manifests
test-manifests: install ## deploy/ and k8s/, against the schemas of Compose and Kubernetes (tests/manifests)
	tests/manifests/run

# The same build as for the tests: the points at which programs are killed are compiled into
# nothing else.
.PHONY: chaos
chaos: install-chaos ## a thousand things bought under kills, freezes, wipes, fail-overs and bad answers; prints its figures
	cargo build --workspace --bins --tests --quiet
	$(PACER_FETCH) dev services -- cargo test --package lives --test chaos -- --ignored --nocapture --test-threads 1 chaos_

# Only whoever looks at the dependencies needs it, and building it takes minutes.
.PHONY: install-deny
install-deny:
	@scripts/install deny

.PHONY: deny
deny: install-deny ## licences, sources, advisories and the doors of deny.toml
	@scripts/deny

# Built with other features than the rest, so after it.
.PHONY: test-without-network
test-without-network: install ## ocr without its feature line-network: lines are read by Tesseract alone
	cargo clippy --package ocr --no-default-features --all-targets -- --deny warnings
	cargo test --package ocr --no-default-features --test it -- network::

.PHONY: check
check: fmt-check deny lint lint-proto test test-compat test-manifests ## all that CI does

.PHONY: extras
extras: ## which extra collections are missing, what is skipped without them, and how to get them
	@scripts/extras

.PHONY: score
score: build ## the parsers against the extra corpus: make score CORPUS=… SCORER=…
	@test -x '$(SCORER)' || { echo 'there is no $(SCORER): SCORER=… names the program that scores' >&2; exit 1; }
	@$(SCORER) --corpus $(CORPUS) --cmd '$(PACER_FETCH) parse' --batch

.PHONY: failures
failures: ## regenerate docs/FAILURES.md, after a change of the table of answers
	@cargo run --quiet --package fetch-model --example failures > docs/FAILURES.md

.PHONY: api-fields
api-fields: ## regenerate the table of fields in docs/API.md, after a change of fetch-model/src/fields
	@PACER_FETCH_WRITE=1 cargo test --quiet --package fetch-model --test it the_table_of_fields

.PHONY: nats-users
nats-users: ## regenerate the NATS permissions, after a change of the table in fetch-bus
	@PACER_FETCH_WRITE=1 cargo test --quiet --package lives --test lives deployment::servers_permit

.PHONY: bench
bench: bench-parsers bench-documents ## all benchmarks

.PHONY: bench-parsers
bench-parsers: install ## the parsers against juriscraper and against scraper's bare tree: make bench-parsers CORPUS=…
	@scripts/bench-parsers $(CORPUS)

# The whole stack is measured as it would be shipped, but for the kill points of the harness.
MEASURED := --profile measured --workspace --bins --test chaos --test lives

.PHONY: bench-manners
bench-manners: install-chaos ## how courts are treated: 200 of them, many processes, kills, wrong clocks
	cargo build $(MEASURED) --quiet
	$(TARGET)/measured/pacer-fetch dev services -- cargo test $(MEASURED) -- --ignored --nocapture bench_manners

.PHONY: bench-limiter
bench-limiter: install ## the cost of reserving slots at the courts: the same work with and without, in one run
	cargo build $(MEASURED) --quiet
	$(TARGET)/measured/pacer-fetch dev services -- cargo test $(MEASURED) -- --ignored --nocapture bench_limiter

.PHONY: bench-courts
bench-courts: install ## how a hanging court affects the others, on the whole stack: make bench-courts COURTS=200 ROUNDS=3
	cargo build $(MEASURED) --example bench-courts --quiet
	$(TARGET)/measured/examples/bench-courts

.PHONY: bench-accepts
bench-accepts: install ## how many requests the gateway accepts per second: make bench-accepts CALLERS=64 USERS=20
	cargo build $(MEASURED) --example bench-accepts --quiet
	$(TARGET)/measured/examples/bench-accepts

.PHONY: bench-scale
bench-scale: install ## how long lists take with a million rows of each kind: make bench-scale ROWS=10000000 COMPARE=1
	cargo build $(MEASURED) --example bench-scale --quiet
	$(TARGET)/measured/examples/bench-scale

# The same build as for the tests.
.PHONY: bench-logins
bench-logins: install ## first logins on three NATS servers, of which one is killed or stopped: make bench-logins ROUNDS=10 NATS='2.12.0 2.15.1'
	@scripts/bench-logins

.PHONY: bench-doors
bench-doors: install ## how long honest callers wait, before and while a thousand others are slow on purpose
	cargo build $(MEASURED) --test alone --quiet
	$(TARGET)/measured/pacer-fetch dev services -- cargo test $(MEASURED) --test alone -- --nocapture slow_callers

# Several minutes each, with the whole stack; their figures are for whoever runs them.
.PHONY: bench-spread
bench-spread: install ## a scan of 300 pages, read by two ocr processes of which one is killed
	cargo build $(MEASURED) --quiet
	$(TARGET)/measured/pacer-fetch dev services -- cargo test $(MEASURED) -- --ignored --nocapture a_scan_of_300_pages

.PHONY: bench-events
bench-events: install ## how late 20 listeners hear of a thousand requests, while gateways are killed
	cargo build $(MEASURED) --quiet
	$(TARGET)/measured/pacer-fetch dev services -- cargo test $(MEASURED) -- --ignored --nocapture bench_events

.PHONY: bench-stack
bench-stack: install ## 200 documents at once: where the time goes
	cargo build $(MEASURED) --quiet
	$(TARGET)/measured/pacer-fetch dev services -- cargo test $(MEASURED) -- --ignored --nocapture two_hundred_documents

.PHONY: bench-memory
bench-memory: install ## the memory of each process during 16 purchases and 20 downloads of 150 MB at the same time
	cargo build $(MEASURED) --quiet
	$(TARGET)/measured/pacer-fetch dev services -- cargo test $(MEASURED) -- --ignored --nocapture bench_memory

.PHONY: bench-documents
bench-documents: install ## reading documents against pdftotext and the reference's routes: make bench-documents DOCUMENTS=…
	@scripts/bench-documents $(DOCUMENTS)

.PHONY: fuzz-documents
fuzz-documents: install ## damaged PDFs through the reading engine, FUZZ_DOCUMENTS of them (5000)
	FUZZ_DOCUMENTS=$(or $(FUZZ_DOCUMENTS),5000) cargo test --package ocr --test it -- \
		--ignored --exact --nocapture mutants::thousands_of_damaged_files_end_in_pages_or_a_name

# What works in this process only: a worker may not call what valgrind calls.
VALGRIND := --config 'target."cfg(unix)".runner = ["valgrind", "--error-exitcode=9", "--leak-check=no"]'

.PHONY: memcheck
memcheck: install ## recognition under valgrind (apt install valgrind), which watches every read and write; minutes
	cargo test $(VALGRIND) --package line-network --lib -- --test-threads 1
	cargo test $(VALGRIND) --package ocr --lib -- --test-threads 1
	cargo test $(VALGRIND) --package ocr --test it -- --test-threads 1 network::

.PHONY: fuzz
fuzz: ## every kind of page for FUZZ_SECONDS each (60); needs a nightly compiler
	@scripts/fuzz $(or $(FUZZ_SECONDS),60)

.PHONY: sqlx
sqlx: install ## regenerate the data of the checked queries (.sqlx), after a change of SQL
	@scripts/sqlx
