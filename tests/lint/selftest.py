# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves the rules: what a bad sample holds must be found, a good one must pass."""

import tempfile
from pathlib import Path

import rules_layers
from source import Tree


def lay(sample):
    """A tree of the sample's files, in a directory that ends with the returned object."""
    directory = tempfile.TemporaryDirectory()
    for path, text in sample.items():
        target = Path(directory.name) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return directory


def wrong_with(rule, scratch):
    """What is wrong with a rule, as sentences; nothing if it finds what it must and no more."""
    if rule.check is rules_layers.modules:
        return rules_layers.selftest_modules(scratch)
    wrong = []
    for number, sample in enumerate(rule.bad):
        with lay(sample) as directory:
            if not rule.check(Tree(directory)):
                wrong.append(f"bad sample {number + 1} passed")
    if not rule.bad:
        wrong.append("it has no bad sample")
    with lay(rule.good) as directory:
        found = rule.check(Tree(directory))
        if found:
            wrong.append(f"the good sample failed: {found}")
    return wrong
