# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about C: what the house style says and a program can see."""

import re
import shutil
import subprocess

from source import PRODUCT, Rule, matches

HOSTS = ("ui/", "plugin/evolution/", "plugin/claws/")
CLANG_FORMAT_MAJOR = "14"  # other versions lay some things out differently
LONGEST_FUNCTION = 60
# Functions that may be longer, each with its reason: {"path:function": "why"}. Empty is best.
LONG_FUNCTIONS = {}
PURE = ("plugin/core/sgp-policy.c", "plugin/core/sgp-reactive-rule.c",
        "plugin/core/sgp-channel-ladder.c")
SAFE_ZERO = re.compile(r"(UNKNOWN|NONE|HOLD|NOT_SET|UNSET|INVALID|REFUSED?|FAILED|NEVER|NO|NULL|"
                       r"NOT|NOBODY|UNCLEAR|STRICT|ALWAYS|INTERNAL)$")


def clang_format(tree):
    """Files that clang-format would change."""
    files = tree.c_files(PRODUCT + ("tests/",))
    if not files:
        return []
    result = subprocess.run(["clang-format", "--dry-run", "-Werror", "--style=file", *files],
                            cwd=tree.root, capture_output=True, text=True)
    lines = [line for line in result.stderr.splitlines() if "error:" in line]
    first = {line.split(":")[0]: line for line in reversed(lines)}
    return [first[path] for path in sorted(first)]


def no_clang_format(_tree):
    """Why clang-format cannot judge here, or None."""
    program = shutil.which("clang-format")
    if program is None:
        return "clang-format is not installed"
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    match = re.search(r"version (\d+)", version)
    if match is None or match.group(1) != CLANG_FORMAT_MAJOR:
        return f"clang-format {CLANG_FORMAT_MAJOR} is wanted, this is {version.strip()}"
    return None


def functions(code):
    """(name, line of its brace, lines of its body) of every function: braces in column 0."""
    lines = code.split("\n")
    start = None
    for number, line in enumerate(lines):
        if line.rstrip() == "{":
            start = number
        elif line.rstrip() == "}" and start is not None:
            head = " ".join(lines[max(0, start - 8):start])
            names = re.findall(r"(\w+)\s*\(", head.split(";")[-1].split("}")[-1])
            yield (names[0] if names else "?"), start + 1, number - start - 1
            start = None


def long_functions(tree):
    """Functions that do not fit a screen."""
    found = []
    for path in tree.select(".c", under=PRODUCT + ("tests/",)):
        for name, line, length in functions(tree.code(path)):
            if length > LONGEST_FUNCTION and f"{path}:{name}" not in LONG_FUNCTIONS:
                found.append(f"{path}:{line}: {name} has {length} lines, {LONGEST_FUNCTION} fit")
    return found


def enums_with_an_unsafe_zero(tree):
    """Enums whose zero is neither safe by its name nor explained."""
    found = []
    pattern = re.compile(r"typedef\s+enum\s*(?:\w+\s*)?\{\s*(.*?)\}", re.DOTALL)
    for path in tree.select(".h", under=PRODUCT):
        text = tree.text(path)
        for match in pattern.finditer(text):
            body = match.group(1)
            first = re.search(r"^\s*(?:/\*.*?\*/\s*)?(\w+)([^\n]*)", body, re.DOTALL)
            name, rest = first.group(1), first.group(2)
            explained = ("/*" in rest or body.lstrip().startswith("/*") or
                         text[:match.start()].rstrip().endswith("*/"))
            if not SAFE_ZERO.search(name) and not explained:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: zero is {name}: is that the safe or unknown value?")
    return found


def switch_defaults(tree):
    """`default:` in a switch, unless its line says that no enum of ours is switched over."""
    found = []
    for path in tree.select(".c", under=PRODUCT):
        code, text = tree.code(path).split("\n"), tree.text(path).split("\n")
        for number, line in enumerate(code):
            if re.match(r"\s*default\s*:", line) and "/* not an enum" not in text[number]:
                found.append(f"{path}:{number + 1}: default: hides the next new value")
    return found


def declared_types(tree):
    """One type, one file, named alike."""
    found = []
    pattern = re.compile(r"G_DECLARE_\w+\s*\(\s*(\w+)\s*,\s*(\w+)")
    for path in tree.select(".h", under=PRODUCT):
        types = pattern.findall(tree.code(path))
        stem = path.rsplit("/", 1)[-1][:-2].replace("-private", "")
        if len(types) > 1:
            found.append(f"{path}: declares {len(types)} types: {[one for one, _ in types]}")
        for name, prefix in types:
            if prefix.replace("_", "-") != stem:
                found.append(f"{path}: declares {name}, which belongs in {prefix}.h")
    return found


def pattern_rule(sentence, pattern, say, under, bad, suffixes=(".c", ".h"), but=()):
    """A rule that is one regular expression over code."""
    def check(tree):
        paths = [path for path in tree.select(*suffixes, under=under) if path not in but]
        return matches(tree, paths, pattern, say)
    return Rule(sentence, check, bad)


LONG = "static void a(void)\n{\n" + "\tb();\n" * 61 + "}\n"
FITS = "static void a(void)\n{\n" + "\tb();\n" * 60 + "}\n"

RULES = [
    Rule("C is laid out by .clang-format", clang_format,
         [{".clang-format": "BasedOnStyle: LLVM\n", "ui/a.c": "int   a ;\n"}],
         {".clang-format": "BasedOnStyle: LLVM\n", "ui/a.c": "int a;\n"}, no_clang_format),
    pattern_rule("no goto", r"\bgoto\b", "goto", PRODUCT + ("tests/",),
                 [{"plugin/core/a.c": "void a(void)\n{\n\tgoto out;\n}\n"}]),
    pattern_rule("nobody looks into *error", r"\(\*\s*error\)\s*->", "dereferences error", PRODUCT,
                 [{"plugin/core/a.c": "x = (*error)->code;\n"}]),
    pattern_rule("nothing aborts",
                 r"\b(g_error|abort|g_assert\w*|assert|g_return_if_reached_abort)\s*\(",
                 "ends the program", PRODUCT, [{"ui/a.c": "g_assert_not_reached();\n"}]),
    pattern_rule("a missing schema never aborts: g_settings_new() is not called",
                 r"\bg_settings_new(_with_\w+)?\s*\(", "aborts without schema", PRODUCT,
                 [{"plugin/evolution/a.c": 's = g_settings_new("x");\n'}]),
    pattern_rule("hosts and ui run no main loop of their own",
                 r"\b(gtk_dialog_run|gtk_native_dialog_run|g_main_loop_run|gtk_main|"
                 r"g_main_context_iteration|gtk_main_iteration\w*)\s*\(", "nested main loop", HOSTS,
                 [{"ui/a.c": "gtk_dialog_run(d);\n"}]),
    pattern_rule("keys are never chosen by address",
                 r"\b(g_mime_multipart_encrypted_encrypt|g_mime_application_pkcs7_mime_encrypt|"
                 r"camel_cipher_context_encrypt\w*)\s*\(", "matches substrings of addresses",
                 PRODUCT, [{"plugin/core/a.c": "g_mime_multipart_encrypted_encrypt(c);\n"}]),
    Rule("what decides is pure: no clock, no settings, no I/O",
         lambda tree: matches(
             tree, [path for path in PURE if path in tree.paths],
             r"\b(g_get_real_time|g_get_monotonic_time|g_date_time_new_now\w*|time|g_settings_\w+|"
             r"sqlite3_\w+|g_file_\w+|g_dbus_\w+|soup_\w+)\s*\(", "reaches outside"),
         [{PURE[0]: "now = g_get_real_time();\n"}]),
    Rule("functions fit a screen", long_functions, [{"ui/a.c": LONG}], {"ui/a.c": FITS}),
    Rule("switches over enums have no default", switch_defaults,
         [{"ui/a.c": "switch (a) {\ndefault:\n\tbreak;\n}\n"}],
         {"ui/a.c": "switch (c) {\ndefault: /* not an enum: a character */\n\tbreak;\n}\n"}),
    Rule("an enum's zero is the safe or the unknown value", enums_with_an_unsafe_zero,
         [{"ui/a.h": "typedef enum {\n\tSGP_A_SEND,\n\tSGP_A_HOLD,\n} SgpA;\n"}],
         {"ui/a.h": "typedef enum {\n\tSGP_A_HOLD = 0,\n} SgpA;\n"}),
    Rule("one type, one file", declared_types,
         [{"ui/sgp-a.h": "G_DECLARE_FINAL_TYPE(SgpB, sgp_b, SGP, B, GObject)\n"},
          {"ui/sgp-a.h": "G_DECLARE_FINAL_TYPE(SgpA, sgp_a, SGP, A, GObject)\n"
                         "G_DECLARE_FINAL_TYPE(SgpA, sgp_a, SGP, A, GObject)\n"}],
         {"ui/sgp-a.h": "G_DECLARE_FINAL_TYPE(SgpA, sgp_a, SGP, A, GObject)\n"}),
]
