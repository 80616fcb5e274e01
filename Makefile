# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything these rules make is in .build (environments, copies, logs) and .lab (the rehearsal lab).
# Only python3 (3.11 or later) is needed to start with; on Debian, root gets the rest installed.

PYTHON ?= python3
GATE = $(PYTHON) -m tools.gate
# The Python the demo, the lab and the benchmarks run with
LAB_PYTHON = .build/venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo test lint types collection sanity units units-quick lab-tests bench scale format image-size attribute-rules docs permissions permissions-for env lab-up lab-down clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: env ## Rehearse four tenants end to end and say where the report is
	@$(PYTHON) -m tools.demo

test: ## Run the whole quality gate
	@$(GATE)

lint: ## ruff, yamllint and reuse (seconds)
	@$(GATE) style

types: ## mypy strict over plugins, lab, tests and tools
	@$(GATE) types

collection: ## ansible-lint, antsibull-docs, changelog, the web site, galaxy-importer
	@$(GATE) collection

sanity: ## ansible-test sanity; SANITY_ARGUMENTS='--test validate-modules' narrows it
	@$(GATE) sanity

units: ## ansible-test units on every ansible-core; UNIT_ARGUMENTS narrows it
	@$(GATE) units

units-quick: ## Unit tests with plain pytest (one core, no copy); UNIT_TESTS=path narrows it
	@$(PYTHON) -m tools.environments tools
	@PYTHONPATH=.build/collections .build/venv-oldest/bin/python -m pytest -q $(or $(UNIT_TESTS),tests/unit)

lab-tests: ## The tests against the lab; LAB_TESTS=path narrows it
	@$(GATE) lab

format: ## Let ruff rewrite what it can; PATHS=path narrows it
	@$(PYTHON) -m tools.environments tools
	@.build/venv-tools/bin/ruff check --fix $(or $(PATHS),.); .build/venv-tools/bin/ruff format $(or $(PATHS),.)

image-size: env ## What the Python packages of the execution environments weigh
	@$(PYTHON) -m tools.environments tools
	@$(LAB_PYTHON) -m tools.image_size

attribute-rules: env ## Write docs/attribute_rules.md from the catalogue of rules
	@PYTHONPATH=.build/collections $(LAB_PYTHON) -m tools.attribute_rules

docs: ## Build the documentation as a web site in .build/docs/html
	@$(GATE) docs

permissions: env ## Write docs/permissions.md from what the modules say
	@PYTHONPATH=.build/collections $(LAB_PYTHON) -m tools.permissions

permissions-for: env ## What some playbooks need together; PLAYBOOKS="migrate rollback"
	@test -n "$(PLAYBOOKS)" || { echo 'Name them: make permissions-for PLAYBOOKS="migrate rollback"'; exit 1; }
	@PYTHONPATH=.build/collections $(LAB_PYTHON) -m tools.permissions $(PLAYBOOKS)

env: ## Make .build/venv, enough for the lab, the demo and playbooks
	@$(PYTHON) -m tools.environments demo

lab-up: env ## Start the lab
	@$(LAB_PYTHON) -m lab up

lab-down: env ## Stop the lab
	@$(LAB_PYTHON) -m lab down

bench: env ## CPU per task through each door
	@$(LAB_PYTHON) -m tests.bench

scale: ## What is too long for every day: fifty runs killed at random moments, a million entries
	@TENANTOPS_KILLS=50 TENANTOPS_INTERRUPTIONS=60 LAB_TESTS="-s tests/lab/test_kills.py tests/lab/test_take_over_domain.py" $(GATE) lab-oldest
	@TENANTOPS_NAMES=2000 LAB_TESTS="tests/lab/test_entra_realm_info.py" $(GATE) lab-oldest
	@TENANTOPS_GUESTS=10000 TENANTOPS_LISTED_GUESTS=100000 LAB_TESTS="tests/lab/test_entra_guest_info.py" $(GATE) lab-oldest
	@TENANTOPS_PEOPLE=5000 TENANTOPS_KILLED_PEOPLE=500 TENANTOPS_KILLS=100 TENANTOPS_BATCH=10 LAB_TESTS="-s tests/lab/test_upn_alignment.py" $(GATE) lab-oldest
	@TENANTOPS_COMPARED=100000 LAB_TESTS="tests/lab/test_account_comparison.py" $(GATE) lab-oldest
	@TENANTOPS_DIVIDED_TENANTS=100 LAB_TESTS="tests/lab/test_runner.py" $(GATE) lab-oldest
	@for count in 10 100 1000; do TENANTOPS_FLEET=$$count LAB_TESTS="-s tests/lab/test_fleet_scale.py" $(GATE) lab-oldest || exit; done
	@TENANTOPS_GUESTS=10000 TENANTOPS_KILLS=10 LAB_TESTS="-s tests/lab/test_entra_guest_redemption.py" $(GATE) lab-oldest
	@TENANTOPS_REPORTED_TENANTS=1000 TENANTOPS_REPORTED_CHANGES=100 LAB_TESTS="tests/lab/test_fleet_report.py" $(GATE) lab-oldest
	@TENANTOPS_ALL_PERMISSIONS=1 LAB_TESTS="tests/lab/test_app_permissions.py" $(GATE) lab-oldest
	@TENANTOPS_AWX_DRY_RUN=1 LAB_TESTS="tests/lab/test_awx.py" $(GATE) lab-oldest
	@$(LAB_PYTHON) -m tests.bench readers --entries 100000 1000000
	@$(LAB_PYTHON) -m tests.bench writers
	@$(LAB_PYTHON) -m tests.bench guests --guests 20000 100000
	@$(LAB_PYTHON) -m tests.bench accounts --people 20000 100000
	@$(LAB_PYTHON) -m tests.bench resets
	@$(LAB_PYTHON) -m tests.bench quotas
	@$(LAB_PYTHON) -m tests.bench beside --tenants 10 100 1000
	@$(LAB_PYTHON) -m tests.bench report

clean: ## Stop the labs and remove everything the other rules made
	@for state in .lab .lab-*; do \
		if [ -d $$state ] && [ -x $(LAB_PYTHON) ]; then $(LAB_PYTHON) -m lab --state $$state down; fi; \
	done
	rm -rf .build .lab .lab-* .mypy_cache .pytest_cache .ruff_cache tests/output tenantops-report
