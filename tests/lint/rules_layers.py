# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about who may see whom, over #include lines, and about what the modules export."""

import re
import subprocess
from pathlib import Path

from source import Rule

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)

# Folder -> folders whose headers it may include. Tests may look everywhere.
MAY_INCLUDE = {
    "plugin/core": {"plugin/core", "portal/protocol"},
    "plugin/extract": {"plugin/extract"},
    "plugin/agent": {"plugin/agent", "plugin/core", "portal/protocol", "proxies"},
    "plugin/words": {"plugin/words"},
    "plugin/cli": {"plugin/cli", "plugin/core", "plugin/words", "portal/protocol", "proxies"},
    "ui": {"ui", "plugin/words", "proxies"},
    "plugin/evolution": {"plugin/evolution", "ui", "proxies"},
    "plugin/claws": {"plugin/claws", "ui", "proxies"},
    "portal/protocol": {"portal/protocol"},
    "portal/server": {"portal/server", "portal/protocol"},
}
PROXIES = {"sgp-agent-generated.h"}

# Library headers -> the only folders that may use them.
LIBRARIES = {
    "sqlite3.h": {"plugin/core", "portal/server"},
    "gpgme.h": {"plugin/core"},
    "gmime/": {"plugin/core"},
    "libsecret/": {"plugin/core"},
    "libsoup/": {"plugin/core", "portal/server"},
    "libpq-fe.h": {"portal/server"},
    "unbound.h": {"plugin/core"},
    # Parsers of foreign files, in a process of their own.
    "poppler": {"plugin/extract"},
    "archive": {"plugin/extract"},
    "libxml/": {"plugin/extract"},
    "gtk/": {"ui", "plugin/evolution", "plugin/claws"},
    "gdk/": {"ui", "plugin/evolution", "plugin/claws"},
    "camel/": {"plugin/evolution"},
    "mail/": {"plugin/evolution"},
    "shell/": {"plugin/evolution"},
    "composer/": {"plugin/evolution"},
    "e-util/": {"plugin/evolution"},
    "libemail-engine/": {"plugin/evolution"},
    "libedataserver/": {"plugin/evolution"},
    "libebackend/": {"plugin/evolution"},
}
SINGLE_READERS = ("gpgme.h", "gmime/", "unbound.h")
MODULES = {
    "plugin/evolution/module-siegelpost.so": re.compile(r"e_module_(un)?load$"),
    "plugin/claws/siegelpost.so": re.compile(r"plugin_\w+$"),
}


def folder_of(path):
    """The folder of the table that a file belongs to, or None."""
    return next((folder for folder in MAY_INCLUDE if path.startswith(folder + "/")), None)


def includes(tree):
    """(path, line, quote, header) of every #include in the table's folders."""
    for path in tree.c_files():
        # Comments are stripped, but not the literals: the header's name is one.
        text = re.sub(r"/\*.*?\*/", lambda one: "\n" * one.group().count("\n"), tree.text(path),
                      flags=re.DOTALL)
        for match in INCLUDE.finditer(text):
            yield path, text.count("\n", 0, match.start()) + 1, match.group(1), match.group(2)


def layering(tree):
    """Includes that the table does not allow."""
    homes = {name: {"proxies"} for name in PROXIES}
    for path in tree.select(".h"):
        if folder_of(path):
            homes.setdefault(path.rsplit("/", 1)[-1], set()).add(folder_of(path))
    found = []
    for path, line, quote, header in includes(tree):
        folder = folder_of(path)
        if folder is None:
            continue
        if quote == '"':
            targets = homes.get(header.rsplit("/", 1)[-1], {folder})
            if not targets & MAY_INCLUDE[folder]:
                found.append(f"{path}:{line}: {folder} may not see {sorted(targets)[0]} ({header})")
            continue
        for library, folders in LIBRARIES.items():
            if header.startswith(library) and folder not in folders:
                found.append(f"{path}:{line}: {folder} may not use {header}")
    return found


def single_readers(tree):
    """Libraries that more than one file includes."""
    found = []
    for library in SINGLE_READERS:
        users = sorted({path for path, _line, quote, header in includes(tree)
                        if quote == "<" and header.startswith(library)})
        if len(users) > 1:
            found.append(f"{library} is included by {', '.join(users)}: one file may")
    return found


def exported(module):
    """The dynamic symbols that a module defines."""
    output = subprocess.run(["nm", "-D", "--defined-only", str(module)], check=True,
                            capture_output=True, text=True).stdout
    return [line.split()[-1] for line in output.splitlines() if line.split()]


def module_findings(module, allowed):
    """What is wrong with one built module."""
    found = [f"{module.name} exports {name}" for name in exported(module)
             if not allowed.match(name)]
    dynamic = subprocess.run(["readelf", "-dW", str(module)], check=True, capture_output=True,
                             text=True).stdout
    if "NODELETE" not in dynamic:
        found.append(f"{module.name} may be unloaded: link it with -z nodelete")
    for library in ("libsoup", "libgpgme", "libgmime", "libsqlite3"):
        # What the host itself brings is not listed as needed by us.
        if re.search(rf"NEEDED.*\[{library}", dynamic):
            found.append(f"{module.name} is linked to {library}")
    return found


def modules(tree):
    """What is wrong with the modules of a build directory."""
    return [line for name, allowed in MODULES.items() if tree.build
            and (tree.build / name).exists()
            for line in module_findings(tree.build / name, allowed)]


def no_modules(tree):
    """Why the modules cannot be judged here, or None."""
    if tree.build is None or not (tree.build / "plugin/evolution/module-siegelpost.so").exists():
        return "the Evolution module is not built"
    return None


def build_sample(directory, source, *flags):
    """Compile a module for a self-test; returns its build directory."""
    target = Path(directory) / "plugin" / "evolution"
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-shared", "-fPIC", "-xc", "-", "-o",
                    str(target / "module-siegelpost.so"), *flags], input=source, text=True,
                   check=True)
    return Path(directory)


RULES = [
    Rule("folders include only what the architecture's table allows", layering,
         [{"plugin/core/sgp-a.h": "", "ui/a.c": '#include "sgp-a.h"\n'},
          {"plugin/evolution/a.c": "#include <libsoup/soup.h>\n"},
          {"portal/server/a.c": "#include <gpgme.h>\n"}],
         {"ui/sgp-u.h": "#include <gtk/gtk.h>\n",
          "plugin/evolution/a.c": '#include "sgp-u.h"\n#include <camel/camel.h>\n'}),
    Rule("one file reads gpgme.h, one reads GMime", single_readers,
         [{"plugin/core/a.c": "#include <gpgme.h>\n", "plugin/core/b.c": "#include <gpgme.h>\n"}],
         {"plugin/core/a.c": "#include <gpgme.h>\n"}),
    Rule("the mail programs' modules export their entry points only, and stay loaded", modules,
         [], {}, no_modules),
]


def selftest_modules(scratch):
    """The module rule on modules made for it: returns what went wrong."""
    wrong = []
    entry = "void e_module_load(void) {}\nvoid e_module_unload(void) {}\n"
    allowed = MODULES["plugin/evolution/module-siegelpost.so"]
    name = "plugin/evolution/module-siegelpost.so"
    samples = {
        "leaky": (entry + "void sgp_leak(void) {}\n", ["-Wl,-z,nodelete"], 1),
        "unloadable": (entry, [], 1),
        "good": (entry, ["-Wl,-z,nodelete"], 0),
    }
    for kind, (source, flags, expected) in samples.items():
        module = build_sample(Path(scratch) / kind, source, *flags) / name
        found = module_findings(module, allowed)
        if len(found) != expected:
            wrong.append(f"the {kind} module: {found}")
    return wrong
