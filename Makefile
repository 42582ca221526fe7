# Dew's commands. CMake does the building (CMakePresets.json); this file says what is done in which order.
#
#   make            the release build: build/release/bin/, build/release/libdew.a
#   make run        installs what is missing (says first what), builds, serves the showcase on http://localhost:8080
#   make test       the same, and every test but the soaks
#   make soak       the long tests: five minutes for each fuzz target, a thousand kills, a million random writes,
#                   a hundred thousand pages and ten thousand navigations that leave no memory behind
#   make bench      Dew and its peers, measured in one run; results in bench/results/
#   make format     lays out the C code
#   make lint       arrows, layout, clang-tidy, shell scripts
#   make deps       installs what building needs; DEPS="build test bench" for more
#   make install    under PREFIX (/usr/local), DESTDIR before it
PREFIX ?= /usr/local
PORT ?= 8080
HOST ?= 127.0.0.1
ALLOW_HOST ?=
DATA ?= build/data
DEPS ?= build

.PHONY: all run test soak bench format lint deps install clean

all: deps build/release/build.ninja
	cmake --build build/release --target programs

run: deps build/release/build.ninja
	cmake --build build/release --target showcase
	@mkdir -p $(DATA)
	build/release/bin/showcase --host $(HOST) $(ALLOW_HOST:%=--allow-host '%') --port $(PORT) --data $(DATA)

test:
	tools/test.sh

soak:
	tools/test.sh soak

bench:
	tools/deps.sh build bench
	bench/run

format:
	tools/format

lint: build/release/build.ninja
	tools/lint

deps:
	@tools/deps.sh $(DEPS)

install: all
	cmake --install build/release --prefix $(PREFIX)

clean:
	rm -rf build

build/%/build.ninja: | deps
	cmake --preset $*
	@ln -sf build/$*/compile_commands.json .
