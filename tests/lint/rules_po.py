# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the translations: everything that is said is listed, and is said in German."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from source import Rule

MARKED = re.compile(r"(?<!\w)(_|N_|C_|NC_|ngettext|g_dngettext)\s*\(\s*[\"\w]")
TRANSLATABLE = re.compile(r"translatable=\"(yes|true)\"")
KEYWORDS = ("_", "N_", "C_:1c,2", "NC_:1c,2", "g_dngettext:2,3", "ngettext:1,2")


def listed(tree):
    """The files that POTFILES names."""
    if "po/POTFILES" not in tree.paths:
        return []
    return [line.strip() for line in tree.text("po/POTFILES").split("\n")
            if line.strip() and not line.startswith("#")]


def potfiles(tree):
    """Files with sentences that POTFILES does not name, and names without a file."""
    speaking = [path for path in tree.select(".c", under=("plugin/", "ui/", "portal/server/"))
                if MARKED.search(comments_gone(tree.text(path)))]
    speaking += [path for path in tree.select(".ui", under=("plugin/", "ui/"))
                 if TRANSLATABLE.search(tree.text(path))]
    names = listed(tree)
    found = [f"po/POTFILES: lacks {path}" for path in speaking if path not in names]
    found += [f"po/POTFILES: names {path}, which has no sentences" for path in names
              if path not in speaking]
    return found


def comments_gone(text):
    """C without comments, literals kept."""
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def template(tree, directory):
    """The sentences as they are now, as a .pot file; None if there are none."""
    names = [name for name in listed(tree) if name in tree.paths]
    if not names:
        return None
    target = Path(directory) / "now.pot"
    subprocess.run(["xgettext", "--from-code=UTF-8", "--force-po", "-o", str(target),
                    *[f"--keyword={word}" for word in KEYWORDS], *names],
                   cwd=tree.root, check=True, capture_output=True)
    return target


def german(tree):
    """Sentences without German, fuzzy ones, and format strings that do not fit."""
    catalogue = tree.root / "po" / "de.po"
    if not catalogue.exists():
        return ["po/de.po: is missing"]
    with tempfile.TemporaryDirectory() as directory:
        checked = subprocess.run(["msgfmt", "--check", "-o", "/dev/null", str(catalogue)],
                                 capture_output=True, text=True)
        found = [line for line in checked.stderr.splitlines() if line] if checked.returncode else []
        pot = template(tree, directory)
        if pot is not None:
            # Without --use-fuzzy and --use-untranslated msgcmp names both kinds.
            compared = subprocess.run(["msgcmp", str(catalogue), str(pot)],
                                      capture_output=True, text=True)
            if compared.returncode:
                found += comparison(compared.stderr, pot)
        obsolete = [line for line in tree.text("po/de.po").split("\n") if line.startswith("#~ msgid")]
        return found + [f"po/de.po: nobody says this any more: {line}" for line in obsolete]


def comparison(stderr, pot):
    """msgcmp's complaints, with the sentence that each is about."""
    lines = pot.read_text().split("\n")
    found = []
    for line in stderr.splitlines():
        match = re.match(r".*?now\.pot:(\d+):", line)
        sentence = " ".join(lines[int(match.group(1)) - 1:][:2]) if match else ""
        if "this message" in line or "fuzzy" in line or "untranslated" in line:
            found.append(f"po/de.po: {line.split(':', 2)[-1].strip()} {sentence[:160]}")
    return found or [stderr.strip()]


def no_gettext(_tree):
    """Why the translations cannot be judged here, or None."""
    return None if shutil.which("msgcmp") else "gettext is not installed"


HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: de\\n"\n\n'
SPEAKS = {"ui/a.c": 'x = _("Hold");\n', "po/POTFILES": "ui/a.c\n"}

RULES = [
    Rule("POTFILES names every file with sentences, and no other", potfiles,
         [{"ui/a.c": 'x = _("Hold");\n', "po/POTFILES": ""},
          {"ui/a.ui": '<p translatable="yes">Hold</p>\n'},
          {"ui/a.c": "", "po/POTFILES": "ui/a.c\n"}], SPEAKS),
    Rule("German is complete", german,
         [{**SPEAKS, "po/de.po": HEAD},
          {**SPEAKS, "po/de.po": HEAD + 'msgid "Hold"\nmsgstr ""\n'},
          {**SPEAKS, "po/de.po": HEAD + '#, fuzzy\nmsgid "Hold"\nmsgstr "Halt"\n'},
          {**SPEAKS, "po/de.po": HEAD + 'msgid "Hold"\nmsgstr "Halt"\n\n#~ msgid "x"\n#~ msgstr "y"\n'},
          {**SPEAKS, "po/de.po":
           HEAD + '#, c-format\nmsgid "Hold %s"\nmsgstr "Halt %d"\n\nmsgid "Hold"\nmsgstr "Halt"\n'}],
         {**SPEAKS, "po/de.po": HEAD + 'msgid "Hold"\nmsgstr "Halt"\n'}, no_gettext),
]
