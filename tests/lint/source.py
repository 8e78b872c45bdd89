# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree under the rules, and a reader of C that knows comments from code."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

SKIPPED = {".git", "node_modules", "__pycache__", "demo-out", "COPYING"}
PRODUCT = ("plugin/", "ui/", "portal/")


class Tree:
    """The files of a source tree, read once."""

    def __init__(self, root, build=None):
        self.root = Path(root)
        self.build = build
        self._texts = {}
        self._codes = {}
        self.paths = sorted(self._walk())

    def _walk(self):
        for folder, folders, files in os.walk(self.root):
            folders[:] = [one for one in folders
                          if one not in SKIPPED and not one.startswith("build")]
            for name in files:
                if name not in SKIPPED:
                    yield (Path(folder) / name).relative_to(self.root).as_posix()

    def select(self, *suffixes, under=""):
        """Paths that end in one of the suffixes and begin with one of the folders."""
        return [path for path in self.paths if path.endswith(suffixes) and path.startswith(under)]

    def text(self, path):
        """A file's text; what is not UTF-8 reads as ""."""
        if path not in self._texts:
            try:
                self._texts[path] = (self.root / path).read_text()
            except UnicodeDecodeError:
                self._texts[path] = ""
        return self._texts[path]

    def code(self, path):
        """C without comments and with empty string literals; lines keep their numbers."""
        if path not in self._codes:
            self._codes[path] = strip_c(self.text(path))
        return self._codes[path]

    def c_files(self, under=PRODUCT):
        """The product's C sources and headers."""
        return self.select(".c", ".h", under=under)


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)


def strip_c(text):
    """Blank out comments and what is inside literals."""
    def blank(match):
        token = match.group()
        if token[0] == '"':
            return '""'
        if token[0] == "'":
            return "'x'"
        return "\n" * token.count("\n") or " "
    return TOKEN.sub(blank, text)


def matches(tree, paths, pattern, say, raw=False):
    """Findings for each match of a pattern in the code (raw: in the text) of the files."""
    expression = re.compile(pattern, re.MULTILINE)
    found = []
    for path in paths:
        text = tree.text(path) if raw else tree.code(path)
        for match in expression.finditer(text):
            number = text.count("\n", 0, match.start()) + 1
            found.append(f"{path}:{number}: {say} ({match.group().strip()[:60]})")
    return found


@dataclass
class Rule:
    """One rule: a sentence, a check that returns findings, and samples that prove the check.

    Each bad sample is a tree {path: text} in which the check must find something; in the good one it
    must find nothing. A rule that needs a tool or a build names what is missing by `missing`.
    """
    sentence: str
    check: Callable
    bad: list
    good: dict = field(default_factory=dict)
    missing: Callable = lambda tree: None
