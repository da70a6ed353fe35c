# Everything here sets itself up: Python 3.11+, make and git are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOWEST := build/lowest
# What uses a dependency: engine, plug-ins, links, colours, TOML, YAML, pictures, command line.
LOWEST_TESTS := converter dialects lemmy gallery manifest edit exchange sheet cli threads
MINUTES ?= 10
# What measures, kills and forks: without a tracer, and while nothing else runs.
ALONE := tests/test_cost.py tests/test_crashes.py tests/test_concurrency.py

.PHONY: demo test test-cost test-lowest test-browser test-all nightly lint types same fuzz bench docs unicode-pack confusables art clean

demo: $(VENV)/.base ## render a real post, and a thread, with a real pack to pages
	@mkdir -p build
	@$(BIN)/shortcodes render examples/megathread.md --pack emoji_packs/megathread --page --title "The commons › General" -o build/demo.html
	@$(BIN)/shortcodes thread examples/thread/post.json examples/thread/comments.json --dialect lemmy --pack emoji_packs/megathread -o build/thread.html
	@echo "Open file://$(CURDIR)/build/demo.html, and with comments file://$(CURDIR)/build/thread.html"

test: lint types test-lowest test-cost ## all tests, with coverage of every branch
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ALONE:%=--ignore %) --cov --cov-fail-under=95

test-cost: $(VENV)/.test ## what hostile posts cost, measured while nothing else runs
	$(BIN)/python -m pytest --quiet $(ALONE)

test-lowest: $(LOWEST)/.done ## the oldest dependencies that pyproject.toml allows will do, too
	$(LOWEST)/bin/python -m pytest --quiet --numprocesses auto --dist loadfile $(LOWEST_TESTS:%=tests/test_%.py)

test-browser: $(VENV)/.test ## every attack in a browser, and ten thousand of each injection; an hour
	$(BIN)/python -m pytest tests/browser tests/test_injection.py --all-vectors --examples 10000 --timeout 7200

test-all: test-browser ## the long form of every attack; hours
	$(BIN)/python -m pytest tests/test_crashes.py tests/test_concurrency.py --kills 200 --renders 5000 --timeout 7200
	$(BIN)/python -m pytest tests/test_cost.py --full-cost --soak 1000000 --timeout 7200

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.test
	$(BIN)/mypy

nightly: same $(VENV)/.test ## and a million posts without markup, beside the engine
	$(BIN)/python -m pytest tests/test_plain.py --plain 125000 --timeout 3600

same: $(VENV)/.test ## twenty thousand random posts, converted at the source, read as they did
	$(BIN)/python -m pytest tests/test_source.py --documents 20000 --timeout 3600

fuzz: $(VENV)/.fuzz ## MINUTES=n in all, on all targets; findings are in build/fuzz/findings
	cd tests && ../$(BIN)/python -m fuzz $(MINUTES)

bench: $(VENV)/.peers ## against the peers, side by side; writes docs/benchmarks.md and its plot
	$(BIN)/python benchmarks/report.py

docs: $(VENV)/.test ## run every example of the docs, and check every link
	$(BIN)/python -m pytest tests/test_docs.py

unicode-pack: $(VENV)/.base ## make the bundled pack again from its sources (needs npm)
	$(BIN)/python tools/unicode_pack.py build/unicode

confusables: $(VENV)/.base ## make the table of look-alike letters again from its source
	$(BIN)/python tools/confusables.py build/unicode

art: $(VENV)/.art ## draw the images of the megathread pack again
	$(BIN)/python emoji_packs/megathread/draw.py

clean:
	rm -rf $(VENV) build dist

$(VENV)/.base: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --group test --group docs
	$(BIN)/python -m pip download --quiet --no-deps --no-binary :all: --dest build/commonmark markdown-it-py==4.3.0
	@touch $@

$(VENV)/.fuzz: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --group fuzz
	@touch $@

$(LOWEST)/.done: pyproject.toml tools/lowest.py
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(PYTHON) tools/lowest.py > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m pip install --quiet --constraint $(LOWEST)/constraints.txt --editable ".[svg]" --group test
	@touch $@

$(VENV)/.peers: $(VENV)/.test pyproject.toml
	$(BIN)/python -m pip install --quiet --group peers
	$(BIN)/python -m pip install --quiet --no-deps "mdit-py-emoji>=0.1" # pins an engine from before our bounds
	if command -v npm; then npm install --silent --prefix build/node markdown-it@14 markdown-it-emoji@3; fi
	@touch $@

$(VENV)/.art: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --group art
	@touch $@
