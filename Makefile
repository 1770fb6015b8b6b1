# Habeas. `make` alone prints what there is.

GO      ?= go
JOBS    ?= 2
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
# SQLite is C in Go's clothes: under the race detector it is several times slower, and none of its memory is ours.
RACE    := -race $(foreach p,modernc.org/sqlite/lib modernc.org/libc modernc.org/libc/...,'-gcflags=$(p)=-race=false')
LDFLAGS := -s -w -X main.version=$(VERSION)
BUILD   := CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags "$(LDFLAGS)"

.DEFAULT_GOAL := help
.PHONY: help run test check e2e golden bench build generate vendor tools

help: ## print this
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build and start the demo; prints the addresses of customers, officers and mail
	@exec bin/habeas serve --demo

test: check tools ## everything there is, race detector on; what CI runs
	CI=$${CI:-true} CGO_ENABLED=1 $(GO) test $(RACE) -timeout 40m -p $(JOBS) ./...

check: ## the quick part: format, vet, staticcheck, fresh templates, tidy modules
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	@.ci/fresh
	$(GO) mod tidy -diff

e2e: tools ## the browser tests alone
	CI=$${CI:-true} $(GO) test -count=1 ./browser/...

golden: ## write golden and generated files anew; read the diff before you commit it
	$(GO) test ./mail ./rights -update

bench: ## every benchmark, with memory
	$(GO) test -run '^$$' -bench . -benchmem -p 1 ./...

build: ## bin/habeas, static and stripped; prints its size
	$(BUILD) -o bin/habeas ./cmd/habeas
	@du -k bin/habeas | awk '{printf "bin/habeas: %.1f MiB\n", $$1 / 1024}'

generate: ## templates to Go
	@for dir in $$(find . -name '*.templ' -exec dirname {} + | sort -u); do $(GO) tool templ generate -path $$dir; done

vendor: ## fetch the front-end files again, by exact version, and check their sums
	static/vendor/fetch.sh

tools:
	@.ci/tools
