"""`rules` and `explain`: the index of the rules, and one rule's page."""

from __future__ import annotations

import argparse
import difflib
import json

from mig_lsp.commands.console import Console, UsageError
from mig_lsp.core.pages import rule_url
from mig_lsp.core.rules import all_rules, by_name
from mig_lsp.render.page import page
from mig_lsp.render.table import table


def run(args: argparse.Namespace, console: Console) -> int:
    """Lists the rules by category, then by name."""
    rules = sorted(all_rules(), key=lambda rule: (rule.category, rule.name))
    if args.format == "json":
        document = [
            {
                "name": rule.name,
                "category": rule.category,
                "severity": rule.default_word,
                "summary": rule.summary,
                "url": rule_url(rule.name),
            }
            for rule in rules
        ]
        console.out(json.dumps({"version": 1, "rules": document}, indent=2) + "\n")
        return 0
    rows = [(rule.category, rule.name, rule.default_word, _first_sentence(rule.summary)) for rule in rules]
    console.out(table(("category", "rule", "severity", "what is wrong"), rows, console.style))
    return 0


def explain(args: argparse.Namespace, console: Console) -> int:
    """Shows a rule's page; raises UsageError when there is no such rule."""
    rule = by_name().get(args.rule)
    if rule is None:
        near = difflib.get_close_matches(args.rule, by_name(), 1)
        hint = f"did you mean {near[0]}?" if near else "'mig-lsp rules' lists them all"
        raise UsageError(f"there is no rule named {args.rule}: {hint}")
    if args.format == "json":
        document = {
            "version": 1,
            "name": rule.name,
            "category": rule.category,
            "severity": rule.default_word,
            "page": rule.documentation,
            "url": rule_url(rule.name),
        }
        console.out(json.dumps(document, indent=2) + "\n")
        return 0
    console.out(page(rule.documentation, console.style))
    console.out(f"\n{rule.category} rule, {rule.default_word} by default. {rule_url(rule.name)}\n")
    return 0


def _first_sentence(text: str) -> str:
    first, stop, _ = text.partition(". ")
    return first if stop else text.rstrip(".")
