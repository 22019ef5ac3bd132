# The same lines that CI runs. 'make run' is the way in; 'make help' lists the rest.

# What 'make build' builds for: the widest instruction set that this CPU has.
ifeq ($(origin COSTCURVE_MARCH), undefined)
  COSTCURVE_MARCH := $(shell .ci/march)
endif
export COSTCURVE_MARCH

# What records name as the source of the binary.
ifeq ($(origin COSTCURVE_COMMIT), undefined)
  COSTCURVE_COMMIT := $(shell .ci/commit)
endif
export COSTCURVE_COMMIT

FORMATTED = Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Benchmarks
PREFIX  ?= /usr/local
DESTDIR ?=
PYTHON  ?= python3
BINARY   = .build/release/costcurve

.PHONY: help setup build run test lint format install uninstall deb deb-trial startup container versions \
        bench bench-swift bench-swift-build bench-history exports conformance conformance-quantized peers loadgen \
        dataset report \
        test-v3 test-v4 test-thread test-address fuzz mutants docs browser picture clean

help:
	@echo 'make run      measure this machine; report in report/     make test     every test'
	@echo 'make build    release binary for this CPU                 make lint     format and style'
	@echo 'make install  to PREFIX ($(PREFIX))                    make bench    kernel benchmarks'
	@echo 'make deb      a Debian package in .build-deb/                make container  an image by Containerfile'
	@echo 'make startup  size and start-up time of the installed binary'
	@echo 'make deb-trial  packs and checks what make build built, in seconds, to be looked at here'
	@echo 'make peers    ONNX Runtime, OpenVINO beside ours          make dataset  Fashion-MNIST'
	@echo 'make versions  dated releases of runtimes beside ours (long, and gigabytes in the cache)'
	@echo 'make report   render report/run.json again                make docs     DocC, warnings are errors'
	@echo 'make browser  the page in Chromium                     make picture  charts of a report as PNG'
	@echo 'make bench-swift  swift package benchmark          make bench-history  100 000 stored runs'
	@echo 'make loadgen  latency and rate by MLPerf LoadGen, beside ours'
	@echo 'make exports  report/run.json by the programs that read our exports'
	@echo 'make conformance  the test cases of ONNX, and docs/operators.md by WRITE=1'
	@echo 'make conformance-quantized  files that onnxruntime.quantization writes, beside ONNX Runtime'
	@echo 'make test-v3 test-v4 test-thread test-address fuzz         further test builds'
	@echo 'make mutants  which one-line faults the tests would miss (most of an hour)'

# Installs what is missing, or prints the line that would.
setup:
	@.ci/setup

build: setup
	swift build -c release --product costcurve

run: build
	$(BINARY) run --quick

# SKIP is a pattern of tests to leave out.
test: setup
	.ci/test $(if $(SKIP),--skip '$(SKIP)')

# The kernels' other instruction sets, whatever this CPU prefers.
test-v3 test-v4: test-%: setup
	COSTCURVE_MARCH=x86-64-$* .ci/test --scratch-path .build-$* --filter KernelsTests

test-thread: setup
	CONFIGURATION=debug .ci/test --scratch-path .build-thread --sanitize=thread --filter '^KernelsTests' --skip Codegen

test-address: FILTER = ^KernelsTests|Fuzz
fuzz: FILTER = Fuzz
test-address fuzz: setup
	CONFIGURATION=debug .ci/test --scratch-path .build-address --sanitize=address \
	  --filter '$(FILTER)' --skip Codegen

# Faults of one line, put into a copy in .build-mutants one at a time; ONLY=words picks some of them.
mutants: setup
	$(PYTHON) Tests/Mutants/run.py $(if $(ONLY),--only $(ONLY))

lint:
	swift format lint --strict -p -r $(FORMATTED)

format:
	swift format -i -p -r $(FORMATTED)

# Linked with its own Swift runtime, so that it works wherever it is moved; INSTALLED names another one.
INSTALLED ?= .build-install/costcurve
.build-install/costcurve: setup
	swift build -c release --static-swift-stdlib --scratch-path .build-install --product costcurve
	install -s -m 755 .build-install/release/costcurve $@

# The binary, with the manual pages and completions that it writes itself.
install: $(INSTALLED)
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -s -m 755 $< '$(DESTDIR)$(PREFIX)/bin/costcurve'
	.ci/texts $< '$(DESTDIR)$(PREFIX)/share'

uninstall:
	cd '$(DESTDIR)$(PREFIX)' && rm -f bin/costcurve share/man/man1/costcurve.1.gz share/man/man1/costcurve-*.1.gz \
	  share/bash-completion/completions/costcurve share/zsh/site-functions/_costcurve \
	  share/fish/vendor_completions.d/costcurve.fish

# One package with a build for each of these, and a launcher that picks by the CPU's flags.
MARCHES = x86-64-v3 x86-64-v4 x86-64-v4+vnni x86-64-v4+vnni+bf16
DEB     = .build-deb/costcurve.deb
deb: setup
	for march in $(MARCHES); do COSTCURVE_MARCH=$$march swift build -c release \
	  --static-swift-stdlib --scratch-path .build-deb/$$march --product costcurve || exit 1; done
	.ci/deb $(DEB) $(foreach march,$(MARCHES),$(march)=.build-deb/$(march)/release/costcurve)
	.ci/deb-check $(DEB)

# The same package of the one binary that 'make build' built, made in seconds: not to be shipped.
TRIAL_DEB = .build-deb/trial.deb
deb-trial: build
	TRIAL=1 .ci/deb $(TRIAL_DEB) $(foreach march,$(MARCHES),$(march)=$(BINARY))
	.ci/deb-check $(TRIAL_DEB)

# Size, which is bounded, and start-up time of the binary that 'make install' installs.
startup: $(INSTALLED)
	.ci/startup $<

CONTAINER ?= docker
container:
	$(CONTAINER) build -f Containerfile -t costcurve .

report: build
	$(BINARY) report report/run.json --format html -o report/report.html

# Charts of a report as pictures, light and dark: make picture PAGE=report/report.html OUT=pictures
PAGE ?= report/report.html
OUT  ?= report
picture:
	$(PYTHON) Tests/Browser/picture.py '$(PAGE)' '$(OUT)'

# The page in a real browser, with axe-core's accessibility rules from PyPI.
browser: setup
	@.ci/setup chromium
	@mkdir -p .build/axe && $(PYTHON) -m pip download -q --no-deps -d .build/axe axe-core-python==0.1.0 \
	  && $(PYTHON) -m zipfile -e .build/axe/axe_core_python-0.1.0-py3-none-any.whl .build/axe \
	  || echo 'no axe-core from PyPI: accessibility is not checked' >&2
	COSTCURVE_REQUIRE_BROWSER=1 COSTCURVE_AXE='$(CURDIR)/.build/axe/axe_core_python/axe.min.js' \
	  .ci/test --filter BrowserTests

# The picture of the modules, and one archive a module, of everything that other modules may use.
docs: setup
	swift package dump-package | .ci/modules > docs/modules.svg
	@for module in Basics Ranks Tensors Kernels Graphs Models Interchange Programs Training Harness Workloads Economics History Reporter; do \
	  COSTCURVE_DOCS=1 swift package --scratch-path .build-docs generate-documentation \
	    --target $$module --warnings-as-errors --symbol-graph-minimum-access-level package \
	    || exit 1; \
	done

# The peers, in an environment of their own; PYTORCH=1 adds PyTorch, which is large.
peers: build
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet -r Benchmarks/Peers/requirements$(if $(PYTORCH),-pytorch).txt
	$(BINARY) peers --network resnet50 --batch-size 1,16

# MLPerf's LoadGen drives a worker, in turns with ours; its environment lies outside the tree.
LOADGEN_VENV ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/costcurve/venv-loadgen
loadgen: build
	$(PYTHON) -m venv '$(LOADGEN_VENV)'
	'$(LOADGEN_VENV)/bin/pip' install --quiet -r Benchmarks/LoadGen/requirements.txt
	'$(LOADGEN_VENV)/bin/python' Benchmarks/LoadGen/loadgen.py run --binary $(BINARY)

# Dated releases of them, each in an environment of its own in the user's cache; ONLY=regex for some.
versions: build
	@mkdir -p report
	$(BINARY) peers --versions $(if $(ONLY),--only '$(ONLY)') --format json -o report/versions.json

# Every export of a run by the program that reads it, or by that program's rules.
RECORD ?= report/run.json
exports: build
	$(PYTHON) Tests/Exports/check.py --binary $(BINARY) '$(RECORD)'

# The test cases of ONNX's own package, in an environment of its own; docs/operators.md is what is
# claimed, and WRITE=1 writes it.
CONFORMANCE ?= report/conformance.json
conformance: build
	$(PYTHON) -m venv .venv-onnx
	@mkdir -p $(dir $(CONFORMANCE))
	@if .venv-onnx/bin/pip install --quiet -r Tests/Conformance/requirements.txt; then \
	  .venv-onnx/bin/python Tests/Conformance/nodes.py $(BINARY) --table docs/operators.md \
	    $(if $(WRITE),--write) $(if $(EXPANDED),--expanded) --json '$(CONFORMANCE)'; \
	else echo 'no onnx from PyPI: operators are held to our own tests only' >&2; fi

# Files of our exports that onnxruntime.quantization, and NNCF where it is there, quantize in each style,
# run in int8 and compared with ONNX Runtime's answers.
conformance-quantized: build
	$(PYTHON) -m venv .venv-quantized
	@if .venv-quantized/bin/pip install --quiet -r Tests/Conformance/requirements-quantized.txt; then \
	  .venv-quantized/bin/python Tests/Conformance/quantized.py $(BINARY) $(if $(ONLY),--only '$(ONLY)'); \
	else echo 'SKIPPED: no onnxruntime from PyPI: quantized files are held to our own tests only' >&2; fi

bench: build
	$(BINARY) kernels

# The same kernels in the ecosystem's own benchmark package: a second opinion.
bench-swift: setup
	cd Benchmarks && swift package benchmark

# CONFIGURATION=debug only sees that it compiles, in a third of the time.
bench-swift-build: setup
	swift build -c $(or $(CONFIGURATION),release) --package-path Benchmarks

# 100 000 recorded runs, and how long the history takes to answer.
bench-history: build
	$(PYTHON) Benchmarks/HistoryScale/scale.py --binary $(BINARY)

dataset:
	@.ci/setup dataset-fashion-mnist

clean:
	rm -rf .build .build-* report
