# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about every kind of file: licence line, paths of one machine, web pages, waiting."""

import re
from pathlib import Path

from source import PRODUCT, Rule, matches

LICENSED = (".c", ".h", ".py", ".sh", ".mjs", ".js", ".css", ".html", ".cmake", ".sql", ".ui",
            ".yaml", ".yml", "CMakeLists.txt", ".xml", "/run")
SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"
# A machine's own folders (where this checkout lies is one) and a registry's own hosts; a lockfile needs neither.
CHECKOUT = str(Path(__file__).resolve().parents[2])
MACHINE = (rf"(?<![\w/.])({re.escape(CHECKOUT)}\b|/root/|/home/(?!\$|USER|NAME|user\b)\w+)"
           r"|\"resolved\"\s*:"
           r"|https?://(registry|deb|pypi|proxy|mirrors?)\.\w")
UNSAFE_CSP = r"'unsafe-(inline|eval|hashes)'|'strict-dynamic'"
INLINE = (r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle\s*=\s*[\"']|\son[a-z]+\s*=\s*[\"']"
          r"|(src|href)\s*=\s*[\"'](https?:)?//")


def licence(tree):
    """Files whose first lines do not name the licence."""
    found = []
    for path in tree.paths:
        if not path.endswith(LICENSED) or path.endswith("package-lock.json"):
            continue
        # A first line that the format itself claims (#!, <?xml, <!doctype) goes before it.
        head = [line for line in tree.text(path).split("\n")[:3]]
        claimed = head and head[0].lower().startswith(("#!", "<?xml", "<!doctype"))
        if SPDX not in "\n".join(head[:2 if claimed else 1]):
            found.append(f"{path}:1: no {SPDX}")
    return found


def own_rule_files(path):
    """The rules themselves name what they look for."""
    return path.startswith("tests/lint/")


def machine_paths(tree):
    """Paths of one machine, hosts of registries."""
    paths = [path for path in tree.paths if not own_rule_files(path)]
    return matches(tree, paths, MACHINE, "belongs to one machine", raw=True)


def csp(tree):
    """Words that open the content security policy."""
    paths = [path for path in tree.select(".c", ".h", ".html", ".mjs", ".js", under=("portal/",))]
    return matches(tree, paths, UNSAFE_CSP, "opens the policy", raw=True)


def inline(tree):
    """Scripts, styles and handlers inside pages, and loads from elsewhere."""
    return matches(tree, tree.select(".html", under=("portal/",)), INLINE,
                   "is inline, or from elsewhere", raw=True)


def sleeping_tests(tree):
    """Sleeps outside a loop that asks whether it is time, and without a reason on their line."""
    found = []
    for path in tree.select(".py", "/run", under=("tests/", "packaging/")):
        lines = tree.text(path).split("\n")
        for number, line in enumerate(lines):
            bare = re.match(r"\s*time\.sleep\([^#]*$", line)
            if bare and not in_a_loop(lines, number):
                found.append(f"{path}:{number + 1}: sleeps ({line.strip()})")
    return found + matches(tree, tree.select(".c", under=("tests/unit/", "tests/agent/")),
                           r"\b(g_usleep|usleep|sleep)\s*\(", "sleeps")


def in_a_loop(lines, number):
    """Whether one of the blocks around a line, inside its function, is a loop."""
    depth = len(lines[number]) - len(lines[number].lstrip())
    for line in reversed(lines[:number]):
        indent = len(line) - len(line.lstrip())
        if line.strip() and indent < depth:
            depth = indent
            if re.match(r"\s*(while|for)\b", line):
                return True
            if re.match(r"\s*(def|class)\b", line):
                return False
    return False


def logged_secrets(tree):
    """Log calls whose arguments name an address, a subject or a secret."""
    return matches(
        tree, tree.c_files(PRODUCT),
        r"\bg_(debug|info|message|warning|critical)\s*\([^;]*\b(address|addr_spec|subject|password|"
        r"token|code|secret|passphrase)\b[^;]*\);", "logs what must not be logged")


RULES = [
    Rule("every file names its licence first", licence,
         [{"ui/a.c": "int a;\n"}, {"tests/x/run": f"#!/bin/sh\necho\n# {SPDX}\n"}],
         {"ui/a.c": f"/* {SPDX} */\n", "tests/x/run": f"#!/bin/sh\n# {SPDX}\n"}),
    Rule("nothing names one machine or a registry's host", machine_paths,
         [{"a.py": "x = '/home/anna/x'\n"}, {"package-lock.json": '"resolved": "x"\n'},
          {"b": f"see {CHECKOUT}/ui\n"}], {"a.py": "x = '/usr/lib'\n"}),
    Rule("the content security policy stays closed", csp,
         [{"portal/server/a.c": 'x = "script-src \'unsafe-inline\'";\n'}],
         {"portal/server/a.c": 'x = "script-src \'wasm-unsafe-eval\'";\n'}),
    Rule("pages hold no inline script, style or handler, and load from nowhere else", inline,
         [{"portal/web/a.html": "<script>x()</script>\n"},
          {"portal/web/a.html": '<p style="color:red">\n'},
          {"portal/web/a.html": '<p onclick="x()">\n'},
          {"portal/web/a.html": '<img src="https://x.example/a.png">\n'}],
         {"portal/web/a.html": '<script type="module" src="/app.js"></script>\n'}),
    Rule("tests wait for something; a sleep says why nothing can be waited for", sleeping_tests,
         [{"tests/hosts/run": "time.sleep(1)\n"}, {"tests/unit/a.c": "g_usleep(1);\n"}],
         {"tests/hosts/run": "while not done():\n    time.sleep(1)\n",
          "tests/hosts/a.py": "time.sleep(1)  # nothing more may come\n"}),
    Rule("no address, subject or secret reaches a log", logged_secrets,
         [{"plugin/core/a.c": 'g_warning("%s", address);\n'}],
         {"plugin/core/a.c": 'g_warning("%s", error->message);\n'}),
]
