# maitred: make help tells the targets.
# Sources are found by folder: a new file needs no edit here.

MODE     ?= release
CC       ?= gcc
CXX      ?= g++
PREFIX   ?= /usr/local
B        := build/$(MODE)
VERSION  := 0.1.0
FUZZ_SECONDS ?= 60
# Two at once, unless somebody said otherwise.
JOBS     := $(if $(findstring j,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),,-j2)

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif

BUILD_PACKAGES := gcc g++ make pkg-config libcurl4-openssl-dev libsqlite3-dev libcjson-dev \
    libwebsockets-dev libssl-dev libsodium-dev libglib2.0-dev libutf8proc-dev \
    libtomlplusplus-dev libmd4c-dev uthash-dev tzdata ca-certificates
TEST_PACKAGES  := libcmocka-dev clang clang-format clang-tidy libclang-rt-14-dev valgrind python3 curl git

LIBRARIES := libcurl sqlite3 libcjson libsodium libwebsockets openssl glib-2.0 libutf8proc tomlplusplus md4c
WARNINGS  := -Wall -Wextra -Wshadow -Wwrite-strings -Wformat=2 -Wvla -Wimplicit-fallthrough \
    -Wno-format-nonliteral
# uthash's hash function falls through on purpose, and clang looks into macros.
ifneq ($(findstring clang,$(CC)),)
WARNINGS += -Wno-implicit-fallthrough
endif
CWARNINGS := -Wstrict-prototypes -Wmissing-prototypes
ifdef CI
WERROR := -Werror
endif

FLAGS_release := -O2 -g
FLAGS_debug   := -O0 -g
FLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FLAGS_tsan    := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
FLAGS_fuzz    := -O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-omit-frame-pointer
ifeq ($(FLAGS_$(MODE)),)
$(error MODE=$(MODE) is not one of release debug asan tsan fuzz)
endif

# V=1 shows the commands.
ifdef V
say =
else
say = @echo "  $(1)  $(2)";
endif

FLAGS    := -I. -D_GNU_SOURCE -DMAITRED_VERSION='"$(VERSION)"' $(WARNINGS) $(FLAGS_$(MODE)) -pthread
LDFLAGS_ := $(FLAGS_$(MODE)) -pthread

# Packages are asked for when something is built, so that `make deps` and `make help` need none.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(LIBRARIES)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(LIBRARIES)))$(PKG_LIBS)

LIB_C   := $(wildcard core/base/*.c core/data/*.c core/llm/*.c core/resy/*.c core/services/*.c core/scheduler/*.c \
    core/orchestrator/*.c core/agents/*.c core/agents/*/*.c adapters/*/*.c db/*.c)
BOT_C   := $(filter-out bot/main.c,$(wildcard bot/*.c))
LIB_OBJ := $(patsubst %.c,$(B)/%.o,$(LIB_C) $(BOT_C)) $(B)/bot/toml.o $(B)/gen/migrations.o $(B)/gen/concierge.o
CITY_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/sandbox/city*.c tests/sandbox/botapi*.c tests/sandbox/slackapi*.c) tests/sandbox/model.c)
SANDBOX_OBJ := $(patsubst %.c,$(B)/%.o,$(addprefix tests/sandbox/,server.c visit.c link.c waiting.c certificate.c))
WORLD_OBJ := $(B)/tests/world.o $(patsubst %,$(B)/tests/replay/%.o,truth engine days trace)
HEADERS := $(wildcard core/*/*.h core/agents/*/*.h adapters/*/*.h db/*.h bot/*.h tests/*.h tests/sandbox/*.h tests/replay/*.h)
UNIT    := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
BENCHES := $(wildcard tests/bench/bench_*.c)
SOURCES := $(LIB_C) $(BOT_C) bot/main.c $(wildcard tests/*.c tests/*/*.c)

.DEFAULT_GOAL := all
.PHONY: all deps demo test check unit bench eval fuzz install help headers layers format tidy \
    secrets clang FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: packages build/maitred ## builds build/maitred (release)

help: ## one line for each target
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
	    awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

# --- packages ---

.PHONY: packages
packages:
	@missing=; for p in $(BUILD_PACKAGES); do \
	    dpkg-query -W -f '$${db:Status-Abbrev}' $$p 2>/dev/null | grep -q '^.i' || missing="$$missing $$p"; \
	done; if [ -n "$$missing" ]; then \
	    echo "These Debian packages are missing:$$missing"; \
	    echo "make deps installs them."; exit 1; fi

deps: ## installs every build and test package
	@tools/deps.sh $(BUILD_PACKAGES) $(TEST_PACKAGES)

# --- building ---

$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CXX) $(FLAGS)' | cmp -s - $@ || echo '$(CC) $(CXX) $(FLAGS)' > $@

$(B)/gen/migrations.c: $(sort $(wildcard db/migrations/*.sql)) tools/migrations.awk
	@mkdir -p $(@D)
	@awk -f tools/migrations.awk $(sort $(wildcard db/migrations/*.sql)) > $@

$(B)/gen/concierge.c: core/agents/concierge/concierge.md
	@mkdir -p $(@D)
	@{ echo 'extern const char concierge_md[];'; echo 'const char concierge_md[] ='; \
	    sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $<; echo ';'; } > $@

$(B)/gen/%.o: $(B)/gen/%.c $(B)/flags
	$(call say,CC,$<)$(CC) -std=gnu17 $(WERROR) $(FLAGS) $(CWARNINGS) $(PKG_CFLAGS) -MMD -MP -c $< -o $@

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) -std=gnu17 $(WERROR) $(FLAGS) $(CWARNINGS) $(PKG_CFLAGS) -MMD -MP -c $< -o $@

# -fno-sanitize=vptr,function: C programs of libFuzzer do not link with them.
$(B)/bot/toml.o: bot/toml.cpp $(B)/flags
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) -std=c++17 $(WERROR) $(FLAGS) $(if $(filter asan fuzz,$(MODE)),-fno-sanitize=vptr) $(PKG_CFLAGS) -MMD -MP -c $< -o $@

$(B)/lib.a: $(LIB_OBJ)
	@rm -f $@
	@ar rcs $@ $^

$(B)/maitred: $(B)/bot/main.o $(B)/lib.a
	$(call say,LD,$@)$(CXX) $(LDFLAGS_) $^ $(PKG_LIBS) -lm -o $@

$(B)/sandbox: $(SANDBOX_OBJ) $(CITY_OBJ) $(B)/lib.a
	$(call say,LD,$@)$(CXX) $(LDFLAGS_) $^ $(PKG_LIBS) $$(pkg-config --libs libwebsockets openssl) -lm -o $@

build/maitred: FORCE
	@$(MAKE) --no-print-directory $(JOBS) MODE=release build/release/maitred
	@strip -o $@ build/release/maitred

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(WORLD_OBJ) $(CITY_OBJ) $(B)/lib.a
	$(call say,LD,$@)$(CXX) $(LDFLAGS_) $^ $(PKG_LIBS) -lcmocka -lm -o $@

$(B)/tests/sandbox/test_shapes: $(B)/tests/sandbox/test_shapes.o $(CITY_OBJ) $(B)/lib.a
	$(call say,LD,$@)$(CXX) $(LDFLAGS_) $^ $(PKG_LIBS) -lcmocka -lm -o $@

$(B)/tests/bench/%: $(B)/tests/bench/%.o $(B)/tests/bench/common.o $(WORLD_OBJ) $(CITY_OBJ) $(B)/lib.a
	$(call say,LD,$@)$(CXX) $(LDFLAGS_) $^ $(PKG_LIBS) -lm -o $@

$(B)/tests/replay/judge: $(B)/tests/replay/judge.o $(WORLD_OBJ) $(CITY_OBJ) $(B)/lib.a
	$(call say,LD,$@)$(CXX) $(LDFLAGS_) $^ $(PKG_LIBS) -lm -o $@

$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(B)/lib.a
	$(call say,LD,$@)$(CXX) $(FLAGS_fuzz) -fsanitize=fuzzer $^ $(PKG_LIBS) -lm -o $@

TEST_BINARIES := $(addprefix $(B)/tests/unit/,$(UNIT)) $(B)/tests/sandbox/test_shapes

.PHONY: binaries
binaries: $(B)/maitred $(B)/sandbox $(TEST_BINARIES)

# --- running ---

demo: ## the main job, against a sandbox on this machine
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory $(JOBS) build/maitred
	@$(MAKE) --no-print-directory $(JOBS) MODE=release build/release/sandbox
	@tools/demo.sh

test: ## every test but the long ones, with ASan and UBSan
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory $(JOBS) MODE=asan CI=1 binaries
	@tools/test.sh build/asan

unit: ## one test file: T=name, some tests: F=pattern
	@$(MAKE) --no-print-directory $(JOBS) MODE=asan $(addprefix build/asan/tests/unit/test_,$(T))
	@CMOCKA_TEST_FILTER='$(F)' build/asan/tests/unit/test_$(T)

check: ## test, and format, lint, layers, headers, clang, TSan, valgrind, secrets
	@tools/check.sh

bench: ## the benchmarks: build/bench.tsv and a table
	@$(MAKE) --no-print-directory $(JOBS) MODE=release build/release/maitred build/release/sandbox \
	    build/release/tests/replay/judge $(patsubst %.c,build/release/%,$(BENCHES))
	@$(MAKE) --no-print-directory $(JOBS) build/maitred
	@tools/bench.sh

eval: ## what people say, against a real language model (MAITRED_EVAL_BASE_URL, _API_KEY, _MODEL)
	@$(MAKE) --no-print-directory $(JOBS) MODE=release build/release/sandbox
	@$(MAKE) --no-print-directory $(JOBS) build/maitred
	@python3 tests/eval/run.py

fuzz: ## every fuzz target for FUZZ_SECONDS each
	@$(MAKE) --no-print-directory $(JOBS) MODE=fuzz CC=clang CXX=clang++ $(addprefix build/fuzz/tests/fuzz/,$(FUZZERS))
	@tools/fuzz.sh $(FUZZ_SECONDS) $(FUZZERS)

install: all ## binary, man page, systemd unit, completion, example (DESTDIR, PREFIX)
	install -D -m 755 build/maitred $(DESTDIR)$(PREFIX)/bin/maitred
	install -D -m 644 tools/maitred.1 $(DESTDIR)$(PREFIX)/share/man/man1/maitred.1
	install -D -m 644 tools/maitred.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/maitred
	install -D -m 644 config.example.toml $(DESTDIR)$(PREFIX)/share/doc/maitred/config.example.toml
	sed 's|@PREFIX@|$(PREFIX)|' tools/maitred.service > build/maitred.service
	install -D -m 644 build/maitred.service $(DESTDIR)$(PREFIX)/lib/systemd/system/maitred.service

# --- looking at the source ---

headers: ## each header compiles alone
	@for h in $(HEADERS); do \
	    $(CC) -std=gnu17 $(FLAGS) $(PKG_CFLAGS) -fsyntax-only -x c $$h -Wno-unused || { echo "headers: $$h does not stand alone"; exit 1; }; \
	done; echo "headers: $(words $(HEADERS)) stand alone"

layers: ## no #include points upward
	@tools/layers.sh

format: ## the source is as clang-format has it
	@clang-format --dry-run -Werror $(SOURCES) $(HEADERS) && echo "format: $(words $(SOURCES) $(HEADERS)) files"

clang: ## the source is clean under clang's warnings, benchmarks too
	@$(MAKE) --no-print-directory $(JOBS) MODE=debug CC=clang CXX=clang++ CI=1 build/debug/maitred build/debug/sandbox \
	    $(patsubst %.c,build/debug/%.o,$(BENCHES))

# Off: what it reports wrongly of uthash's delete (unix.Malloc: ASan and valgrind look there) and of
# va_list (valist), and tastes.
tidy: ## clang-tidy's analyzer over the program
	@clang-tidy --quiet -warnings-as-errors='*' -checks='-*,clang-analyzer-*,bugprone-*,-clang-analyzer-unix.Malloc,-clang-analyzer-valist.Uninitialized,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,-bugprone-reserved-identifier,-bugprone-assignment-in-if-condition,-bugprone-implicit-widening-of-multiplication-result,-bugprone-suspicious-include' \
	    $(LIB_C) $(BOT_C) bot/main.c -- -std=gnu17 $(FLAGS) $(PKG_CFLAGS)

secrets: ## nothing that looks like a secret, a mirror or this machine in the tree
	@tools/secrets.sh

-include $(shell find $(B) -name '*.d' 2>/dev/null)
