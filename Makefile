# SPDX-License-Identifier: Apache-2.0
# The front door.  Meson does the building; this file installs what is missing, names the usual jobs and keeps the build folders apart.
#
#   make            build build/release/telltale        make check    the whole test suite
#   make demo       the main job on a shipped sample     make lint     the rules of the code
#   make bench      performance, beside its limits       make fuzz     FUZZ_SECONDS for each fuzz target
#   make install    DESTDIR= PREFIX=                     make deb      Debian package
#   make nightly    what takes hours: NIGHTLY_FUZZ_SECONDS for each fuzz target, whole corpora, every probe, a million requests

PREFIX ?= /usr/local
FUZZ_SECONDS ?= 30
NIGHTLY_FUZZ_SECONDS ?= 600
BENCH_MB ?= 1024
PYTHON := python3
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# One list of packages: the build dependencies of debian/control.
PACKAGES := $(shell sed -n '/^Build-Depends:/,/^[A-Z][a-z-]*: [^ ]/{s/^ \([a-z0-9.+-]*\).*/\1/p}' debian/control | sed 's/^debhelper-compat$$/debhelper/')
MISSING = $(shell for p in $(PACKAGES); do \
	dpkg-query -W -f='$${db:Status-Status}\n' $$p 2>/dev/null | grep -qx installed || printf '%s ' $$p; done)

RELEASE := build/release
TELLTALE := $(RELEASE)/telltale
MESON_SETUP = meson setup --prefix $(PREFIX)

.PHONY: all deps need demo check check-builds corpora bench fuzz lint format install deb clean nightly

all: need $(RELEASE)/build.ninja
	@ninja -C $(RELEASE) --quiet telltale
	@echo "built $(TELLTALE)"

# For `make` alone: says what is missing and how to get it, and installs nothing.
need:
	@missing="$(MISSING)"; if [ -n "$$missing" ]; then \
		echo "telltale needs these packages: $$missing"; \
		echo "install them with: $(SUDO) apt-get install -y --no-install-recommends $$missing"; exit 1; fi

# For `make demo` and `make check`: installs what is missing.
deps:
	@missing="$(MISSING)"; if [ -n "$$missing" ]; then \
		echo "installing: $$missing"; \
		$(SUDO) apt-get update -qq && \
		$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi

$(RELEASE)/build.ninja:
	@$(MESON_SETUP) --buildtype release -Dtests=true $(RELEASE) >/dev/null

build/dev/build.ninja:
	@CC=gcc $(MESON_SETUP) --werror build/dev >/dev/null

build/asan/build.ninja:
	@CC=clang $(MESON_SETUP) --werror -Db_sanitize=address,undefined -Db_lundef=false build/asan >/dev/null

build/fuzz/build.ninja:
	@CC=clang $(MESON_SETUP) -Db_sanitize=address,undefined -Db_lundef=false -Dfuzzer=libfuzzer build/fuzz >/dev/null

demo: deps all
	@sh examples/request-capture/demo.sh $(TELLTALE)

check: deps all
	@$(MAKE) --no-print-directory check-builds
	@$(PYTHON) tests/tally.py build/dev build/asan

# Every test in a gcc build and again under AddressSanitizer and UndefinedBehaviorSanitizer; a failing test does not stop the rest.
check-builds: build/dev/build.ninja build/asan/build.ninja
	@ninja -C build/dev --quiet
	@ninja -C build/asan --quiet
	@rm -f build/*/meson-logs/testlog.junit.xml
	-@meson test -C build/dev --no-rebuild --quiet --print-errorlogs
	-@UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 meson test -C build/asan --no-rebuild --quiet --print-errorlogs --timeout-multiplier 4

bench: need all
	@ninja -C $(RELEASE) --quiet
	@$(PYTHON) tests/bench/run.py $(RELEASE) $(BENCH_MB)

fuzz: need build/fuzz/build.ninja
	@ninja -C build/fuzz --quiet
	@sh tests/fuzz/run.sh build/fuzz $(FUZZ_SECONDS)

nightly: need all
	@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=$(NIGHTLY_FUZZ_SECONDS)
	@$(PYTHON) tests/corpora.py --whole $(TELLTALE)
	@ninja -C $(RELEASE) --quiet
	@$(PYTHON) tests/probe/probe.py $(TELLTALE) --long
	@$(PYTHON) tests/probe/real.py $(TELLTALE) build/npm/clients --long
	@$(PYTHON) tests/gateway/soak.py $(TELLTALE) $(RELEASE)/tests/upstream $(RELEASE)/tests/load 60
	@$(PYTHON) tests/bench/gateway.py --million $(RELEASE)

lint: deps all
	@sh tests/lint.sh $(RELEASE)

format:
	@clang-format -i $$(git ls-files '*.c' '*.h')

install: need $(RELEASE)/build.ninja
	@meson configure -Dprefix=$(PREFIX) $(RELEASE)
	@ninja -C $(RELEASE) --quiet
	@DESTDIR=$(abspath $(DESTDIR)) meson install -C $(RELEASE) --no-rebuild --quiet

deb: deps
	dpkg-buildpackage -us -uc -b

clean:
	rm -rf build
