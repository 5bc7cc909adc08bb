# The one file of entries: each line is the real command.
.PHONY: run serve test lint deny lean docs bench image ci

run: ## a synthetic clinic in a throw-away folder
	cargo run -- demo

serve: ## the service, data in ./data
	cargo run -- serve

test: ## everything, after installing what the tests need
	./scripts/test

lint: ## clippy, rustfmt and the links of the documentation, as in CI
	cargo clippy --workspace --all-targets --locked -- -D warnings && cargo fmt --check
	cargo doc --workspace --no-deps --document-private-items --locked --quiet

deny: ## licences, forbidden crates and sources; wants cargo-deny (CONTRIBUTING.md says when it was run last)
	cargo deny check licenses bans sources

lean: ## the service without the chain anchor (feature `evm`): it must compile without a warning
	cargo check --package api --no-default-features --locked

docs: ## what is written by the code: events, API description, problem codes, who may do what
	cargo run --package tests --features write --example golden

bench: ## release build; medians of three beside the same run's raw fdatasync rate
	for what in append verify rebuild view log; do cargo run --release -- bench $$what || exit 1; done

image: ## the container image
	docker build --tag medlock .

ci: ## what continuous integration runs
	./.ci/run
