# What a person runs. Each target says what it is doing; `make demo` and `make test` install what they need.

SHELL := /bin/bash
.DEFAULT_GOAL := help

.PHONY: help demo test browser pictures check bench needs needs-browser

help: ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

needs: ## Install PostgreSQL's programs and a C compiler where they are missing
	@bash config/install-needs.sh

demo: needs ## A small world, the main job through the public API, the server left running (ONCE=1: stop at the end)
	@echo "Building Entente (the first time takes some minutes) …"
	@cargo build --quiet
	@ONCE=$(ONCE) cargo run --quiet -- demo

test: needs ## Everything CI runs
	@echo "Building and running all tests (the first time takes some minutes) …"
	cargo test --quiet

browser: needs needs-browser ## Every page in a real browser: journeys, accessibility, HTML, phones, planted texts
	@cargo build --quiet
	@cd tests/browser && npm ci --silent --no-audit --no-fund && node walk.mjs $(CURDIR)/target/debug/entente

pictures: needs needs-browser ## The screenshots in docs/pictures, taken anew
	@cargo build --quiet
	@cd tests/browser && npm ci --silent --no-audit --no-fund && node walk.mjs $(CURDIR)/target/debug/entente --pictures $(CURDIR)/docs/pictures

needs-browser:
	@bash config/install-browser.sh

check: needs ## Formatting, lints, the API's description, and known faults of dependencies
	cargo fmt --check
	cargo clippy --all-targets --quiet -- -D warnings
	cargo run --quiet -- openapi --check openapi/entente.yaml
	@bash config/audit.sh

bench: needs ## Speed and memory, each figure beside its floor
	cargo bench --bench system
