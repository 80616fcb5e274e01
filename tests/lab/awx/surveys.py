# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Surveys: what the controller takes as one, and which answers it lets through at a launch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": (list, str),
    "integer": int,
    "float": (float, int),
}
_NEEDED: Mapping[str, type] = {
    "type": str,
    "question_name": str,
    "variable": str,
    "required": bool,
}


def problems_of_survey(survey: Mapping[str, Any]) -> Iterator[str]:
    """What the controller finds wrong with a survey."""
    for name, kind in {"name": str, "description": str, "spec": list}.items():
        if not isinstance(survey.get(name), kind):
            yield f"Field '{name}' is missing from survey spec, or no {kind.__name__}."
    questions = survey.get("spec")
    if not isinstance(questions, list) or not questions:
        yield "'spec' doesn't contain any items."
        return
    variables = [question.get("variable") for question in questions]
    if len(set(variables)) != len(variables):
        yield "'variable' duplicated in survey question."
    for question in questions:
        yield from _problems_of_question(question)


def _problems_of_question(question: Mapping[str, Any]) -> Iterator[str]:
    for name, kind in _NEEDED.items():
        if not isinstance(question.get(name), kind):
            yield f"'{name}' missing from survey question, or no {kind.__name__}."
            return
    kind_of_question = question["type"]
    if kind_of_question not in _TYPES:
        yield f"'{kind_of_question}' is no allowed question type."
        return
    default = question.get("default", "")
    if default != "" and not isinstance(default, _TYPES[kind_of_question]):
        yield f"Default value of {question['variable']} has a wrong type."
    if kind_of_question.startswith("multi"):
        choices = question.get("choices")
        if not choices:
            yield f"Survey question {question['variable']} must specify choices."
        elif default and default not in choices.splitlines():
            yield "Default choice must be answered from the choices listed."


def answers(
    template: Mapping[str, Any], survey: Mapping[str, Any], given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The variables that a launch goes on with, and what is refused.

    The template's own, then the survey's defaults, then what is given.
    """
    left = dict(given)
    refused: list[str] = []
    taken: dict[str, Any] = {}
    questions = survey.get("spec", []) if template["survey_enabled"] else []
    for question in questions:
        variable = question["variable"]
        if "default" in question:
            taken[variable] = question["default"]
        if variable in left:
            taken[variable] = left.pop(variable)
        refused += _problems_of_answer(question, taken)
    errors = {"variables_needed_to_start": refused} if refused else {}
    if template["ask_variables_on_launch"]:
        taken, left = taken | left, {}
    if left:
        problem = f"Variables {', '.join(left)} are not allowed on launch."
        errors["extra_vars"] = [f"{problem} Check the Prompt on Launch setting."]
    return taken, errors


def _problems_of_answer(question: Mapping[str, Any], taken: Mapping[str, Any]) -> Iterator[str]:
    variable = question["variable"]
    if variable not in taken:
        if question["required"]:
            yield f"'{variable}' value missing"
        return
    value = taken[variable]
    if not isinstance(value, _TYPES[question["type"]]):
        yield f"Value {value} for '{variable}' has a wrong type."
    elif question["type"] == "multiplechoice" and value not in question["choices"].splitlines():
        yield f"Value {value} for '{variable}' expected to be one of the choices."
