# kaa_analysis: allt sker i .venv; inget behöver installeras eller aktiveras för hand.
# "make report" och "make test" gör själva hela uppsättningen.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
KAA    := $(BIN)/kaa

export PYTHONHASHSEED := 0
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install report test test-system fuzz mutants bench lint lab golden lock clean

help:
	@echo "make report   årsbilagan för det påhittade demonstrationsregistret, under reports/"
	@echo "make test     alla prov"
	@echo "make test-system   proven i webbläsare, LibreOffice och med flyttad klocka (behöver Debianpaket, se .ci/install_system_packages)"
	@echo "make lab      JupyterLab med anteckningsböckerna"
	@echo "make lint     stil och lager"
	@echo "make fuzz     läs 10 000 förvanskade uttag och kör kommandona på 200 sätt som går fel: inget får krascha, försvinna eller läcka (MUTANTS=, TRIALS=, SEED=)"
	@echo "make mutants  ändra koden i disclosure på tusentals sätt, ett i taget: proven ska märka det (docs/mutants.md; ONLY='attack.*', ONE_IN=3)"
	@echo "make bench    mät tid och minne för ett register i stadens storlek, registerfrågorna i Spark, stadens rapporter och skattningarna bredvid R (SCENARIO=, WITHOUT='spark survival' utan Java 17 och R)"
	@echo "make golden   spara om körningarna som nbval jämför med (när ett publicerat tal ska ändras)"
	@echo "make lock     lös beroendena på nytt (requirements.lock, tests/browser/requirements.lock, tests/bench/requirements.lock, tests/mutation/requirements.lock)"
	@echo "make clean    ta bort .venv"

# Python >= 3.11 with venv and pip is all that is assumed. uv comes from the lock itself (same hashes), then syncs the rest.
# --system-certs: uv otherwise trusts only its own bundle, which fails behind a TLS-inspecting proxy.
$(VENV)/bin/uv: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "kaa_analysis behöver Python 3.11 eller senare; ange den med: make PYTHON=/sökväg/till/python3.12"; exit 2; }
	@echo "[1/3] skapar $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@awk '/^[^ #]/ {keep = /^uv==/} keep' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.lock
	@touch $@

$(VENV)/.installed: $(VENV)/bin/uv requirements.lock pyproject.toml
	@echo "[2/3] installerar de låsta paketen (ungefär en halv minut första gången)"
	@$(BIN)/uv pip sync --system-certs --require-hashes --compile-bytecode --python $(BIN)/python requirements.lock
	@echo "[3/3] installerar kaa_analysis"
	@$(BIN)/uv pip install --quiet --system-certs --no-deps --no-build-isolation --python $(BIN)/python -e .
	@touch $@

install: $(VENV)/.installed

report: install
	@$(KAA) synth demo
	@$(KAA) report params/arsbilaga_demo.yaml

test: install lint
	@echo "prov av kod, definitioner, skattningar, rapporter (två processer)"
	@$(BIN)/python -m pytest -n 2
	@echo "anteckningsböckerna mot de sparade körningarna"
	@$(BIN)/python -m pytest --nbval tests/golden

# The sync above removes these packages again: its newer stamp then makes them be installed anew.
$(VENV)/.browser: $(VENV)/.installed tests/browser/requirements.lock
	@echo "installerar det som styr webbläsaren i systemproven"
	@$(BIN)/uv pip install --quiet --system-certs --require-hashes --python $(BIN)/python -r tests/browser/requirements.lock
	@touch $@

test-system: $(VENV)/.browser
	@echo "systemprov: tillgänglighet i Chromium, dokumenten i LibreOffice, flyttad klocka"
	@$(BIN)/python -m pytest tests/browser

MUTANTS ?= 10000
TRIALS ?= 200
SEED ?= 2909
SCENARIO ?= stockholm
WITHOUT ?=
ONLY ?=
ONE_IN ?= 1

fuzz: install
	@$(BIN)/python -m tests.fuzz --mutants $(MUTANTS) --seed $(SEED)
	@$(BIN)/python -m tests.fuzz.commands --trials $(TRIALS) --seed $(SEED)

# In a folder of its own: the terminal it is read in brings much that nothing else needs. The sync above leaves it alone.
$(VENV)/mutation/.installed: $(VENV)/bin/uv tests/mutation/requirements.lock
	@echo "installerar mutmut"
	@$(BIN)/uv pip install --quiet --system-certs --require-hashes --python $(BIN)/python --target $(VENV)/mutation -r tests/mutation/requirements.lock
	@touch $@

mutants: install $(VENV)/mutation/.installed
	@PYTHONPATH=$(CURDIR)/$(VENV)/mutation $(BIN)/python -m tests.mutation --one-in $(ONE_IN) $(if $(ONLY),--only '$(ONLY)')

# In a folder of its own: where pandera finds Spark it imports it, which every command would pay for. The sync above leaves it alone.
$(VENV)/spark/.installed: $(VENV)/bin/uv tests/bench/requirements.lock
	@echo "installerar Spark, som registerfrågorna också körs i (behöver Java 17 eller senare på datorn)"
	@$(BIN)/uv pip install --quiet --system-certs --require-hashes --python $(BIN)/python --target $(VENV)/spark -r tests/bench/requirements.lock
	@touch $@

bench: install $(if $(filter spark,$(WITHOUT)),,$(VENV)/spark/.installed)
	@$(BIN)/python -m tests.bench --scenario $(SCENARIO) $(if $(filter-out survival,$(WITHOUT)),--without $(filter-out survival,$(WITHOUT)))
	@$(if $(filter stockholm,$(SCENARIO)),$(BIN)/python -m tests.bench.reports)
	@$(if $(filter stockholm,$(SCENARIO)),$(BIN)/python -m tests.bench.participation_bootstrap)
	@$(if $(filter survival,$(WITHOUT)),,$(BIN)/python -m tests.bench.survival)

golden: install
	@PYTHONPATH=. $(BIN)/python tests/golden/make_golden.py

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

lab: install
	@$(KAA) synth demo
	@$(KAA) lab

COMPILE := $(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-header --no-annotate

lock: install
	@$(COMPILE) --all-extras pyproject.toml -o requirements.lock
	@$(COMPILE) --group browser --constraints requirements.lock -o tests/browser/requirements.lock
	@$(COMPILE) --group bench --constraints requirements.lock -o tests/bench/requirements.lock
	@$(COMPILE) --group mutation --constraints requirements.lock -o tests/mutation/requirements.lock

clean:
	@rm -rf $(VENV)
