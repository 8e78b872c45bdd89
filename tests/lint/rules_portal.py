# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about the portal, each of which portal/README.md names: what its code never does."""

import re

from source import Rule, matches

SERVER = "portal/server/"
PAGES = "portal/web/src/"


def server_files(tree):
    """The server's C."""
    return tree.select(".c", ".h", under=SERVER)


def page_files(tree):
    """The pages' modules."""
    return tree.select(".mjs", under=PAGES)


def except_in(names, paths):
    """The paths without those files."""
    return [path for path in paths if path.rsplit("/", 1)[-1] not in names]


def starts_programs(tree):
    """Calls that start another program."""
    return matches(tree, server_files(tree),
                   r"\b(system|popen|fork|vfork|exec[lv]p?e?|fexecve|posix_spawnp?|g_spawn_\w+|"
                   r"g_subprocess_\w+|GSubprocess\w*|dlopen|g_module_open\w*)\s*[(*]", "starts or loads a program")


def made_expressions(tree):
    """Regular expressions that are not a literal."""
    found = matches(tree, server_files(tree),
                    r"\b(g_regex_(new|match_simple|split_simple)|regcomp|g_pattern_\w+)\s*\((?!\s*\"\")",
                    "makes an expression of what it is given")
    # Literals in backticks may hold a name of ours: the list of the account's pages.
    return found + matches(tree, page_files(tree), r"new RegExp\((?!'|`\^/account/\$\{name\}\$`)",
                           "makes an expression of what it is given", raw=True)


def connections(tree):
    """Connections to anywhere, outside the two files that take their address from the configuration."""
    paths = except_in({"sgp-smtp.c", "sgp-database-postgres.c"}, server_files(tree))
    found = matches(tree, paths, r"\b(g_socket_client_\w+|PQ(connect|setdb)\w*|connect|getaddrinfo|"
                    r"g_resolver_\w+|g_network_(?!address_(parse|get))\w+)\s*\(", "connects, or asks for a host")
    return found + matches(tree, server_files(tree), r"\b(soup_(session|message_new)\w*|SoupSession|curl_\w+)\b",
                           "makes HTTP requests")


def unchecked_formats(tree):
    """Format strings that the compiler does not check, or is told not to."""
    found = []
    lists = tree.select("CMakeLists.txt")
    root = tree.text("CMakeLists.txt") if "CMakeLists.txt" in lists else ""
    if not re.search(r"-Wformat=2\b", root) or "-Wno-format" in root:
        found.append("CMakeLists.txt:1: -Wformat=2 is not on")
    # These two fill in sentences of their own tables, one for each language.
    paths = except_in({"sgp-notice-mail.c", "sgp-recovery-mail.c"}, server_files(tree))
    return found + matches(tree, paths, r'diagnostic\s+\w+\s+"-Wformat[^"]*"', "silences the compiler", raw=True)


def foreign_messages(tree):
    """Listening to, or writing to, windows; what a worker says is heard at the worker alone."""
    found = matches(tree, page_files(tree),
                    r"\b(window|parent|top|opener|frames\[\w+\]|contentWindow)\s*\.\s*(postMessage|onmessage)\b|"
                    r"\b(window|document|globalThis)\.addEventListener\(\s*'message'|"
                    r"^\s*(addEventListener|onmessage)\b.{0,3}'?message|new (BroadcastChannel|SharedWorker|MessageChannel)\b",
                    "talks to other windows", raw=True)
    return found + matches(tree, except_in({"worker.mjs", "strength-worker.mjs"}, page_files(tree)),
                           r"\bself\.(onmessage|postMessage)\b", "talks to other windows", raw=True)


def old_techniques(tree):
    """Plug-ins and what else browsers no longer carry."""
    found = matches(tree, tree.select(".html", under=PAGES), r"<(object|embed|applet|frameset)\b", "is a technique of yesterday", raw=True)
    return found + matches(tree, page_files(tree),
                           r"h\(\s*'(object|embed|applet|frameset|marquee)'|ActiveXObject|application/x-java|x-shockwave|"
                           r"document\.(all|layers|domain)\b|openDatabase\(|applicationCache", "is a technique of yesterday", raw=True)


def weak_cryptography(tree):
    """Digests, ciphers and generators that are not what PROTOCOL.md names."""
    found = matches(tree, server_files(tree),
                    r"\b(G_CHECKSUM_(MD5|SHA1)|GCRY_(MD_MD5|MD_SHA1|CIPHER_(3?DES|ARCFOUR)\w*|CIPHER_MODE_ECB)|MD5|SHA1|RC4)\b",
                    "is weaker than 128 bits")
    found += matches(tree, page_files(tree), r"'(SHA-1|MD5|DES|RC4|AES-ECB|AES-CBC|RSASSA-PKCS1-v1_5)'|\b(md5|sha1)\(",
                     "is weaker than 128 bits", raw=True)
    # Waiting times may be drawn from anything; what is kept or sent may not.
    for path, expression in [*((path, r"\b(g_random_\w+|g_rand_\w+|rand|random|drand48|lrand48)\s*\(") for path in server_files(tree)),
                             *((path, r"\bMath\.random\(") for path in page_files(tree))]:
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            if re.search(expression, line) and not re.search(r"g_usleep\s*\(|setTimeout\(", line):
                found.append(f"{path}:{number}: draws a number from no generator for secrets")
    return found


def hidden_switches(tree):
    """What changes how the portal works without being one of its options."""
    # Where systemd put the credentials is no switch: it says where guard.key lies.
    found = [f"{path}:{text.count(chr(10), 0, match.start()) + 1}: reads the environment ({match[2]})"
             for path in server_files(tree) for text in [tree.text(path)]
             for match in re.finditer(r"\b(?:g_)?(secure_)?getenv\s*\(\s*([^)]*)\)", text) if match[2] != '"CREDENTIALS_DIRECTORY"']
    return found + matches(tree, server_files(tree), r"\bg_get_environ\b|#\s*ifn?def\s+\w*(DEBUG|TESTING)\w*|"
                   r"\bg_log_set_debug\w*|\bSOUP_LOGGER\w*|\bsoup_logger\w*", "is a switch that --help does not name")


def other_logs(tree):
    """Logs elsewhere than on the standard error output."""
    return matches(tree, server_files(tree), r"\b(syslog|openlog|vsyslog|sd_journal_\w+|g_log_set_writer_func|g_log_writer_\w+)\s*\(|"
                   r"\bfopen\s*\([^)]*\)", "logs elsewhere")


def loose_samples(tree):
    """Lines of the samples, those that are off as well, that would let somebody in between."""
    found = []
    for path in tree.select(".conf", under="packaging/portal/"):
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            wrong = (re.match(r"#?database=", line) and "sslmode=verify-full" not in line or re.match(r"#?smtp-plain\b", line)
                     or re.match(r"\s*ssl_protocols\b(?! TLSv1\.2 TLSv1\.3;)", line) or re.match(r"\s*server (?!127\.0\.0\.1:)[^{]*;", line)
                     or re.match(r"#?smtp=(?!127\.|localhost)[^:]+:25$", line))
            if wrong:
                found.append(f"{path}:{number}: {line.strip()[:60]}")
    return found


def listed(text, heading):
    """The words in backticks in the first column of the table below a heading."""
    part = text.split(f"## {heading}\n", 1)[-1].split("\n## ", 1)[0] if f"## {heading}\n" in text else ""
    return {word for line in part.split("\n") if line.startswith("| `") for word in re.findall(r"`([^`]+)`", line.split("|")[1])}


def unnamed_log_lines(tree):
    """Kinds of lines of the log that the README's table does not have."""
    known = listed(tree.text("portal/README.md") if "portal/README.md" in tree.paths else "", "The log")
    found = []
    for path in except_in({"sgp-admin.c", "sgp-backup.c"}, server_files(tree)):
        for match in re.finditer(r'\bg_printerr\(\s*"([a-z]+(?: [a-z]+(?==))?)[^"]*"', tree.text(path)):
            if match[1] not in known and match[1].split(" ")[0] not in known:
                found.append(f"{path}:{tree.text(path).count(chr(10), 0, match.start()) + 1}: {match[1]} is not in portal/README.md")
    return found


def unclassed_tables(tree):
    """Tables of the store that the README's data classes do not have, and the reverse."""
    made = {name for path in tree.select(".sql", under="portal/sql/")
            for name in re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", tree.text(path))}
    known = listed(tree.text("portal/README.md") if "portal/README.md" in tree.paths else "", "Data classes")
    return [f"portal/README.md:1: no class for the table {name}" for name in sorted(made - known)] + \
        [f"portal/README.md:1: there is no table {name}" for name in sorted(known - made)]


RULES = [
    Rule("the portal starts no other program", starts_programs,
         [{"portal/server/a.c": 'x = g_spawn_command_line_sync("ls", 0, 0, 0, 0);\n'}, {"portal/server/a.c": "if (fork() == 0)\n"}],
         {"portal/server/a.c": '/* system() */ x = "popen(";\n', "portal/server/b.c": "filesystem_(a);\n"}),
    Rule("the portal's expressions are fixed", made_expressions,
         [{"portal/server/a.c": "r = g_regex_new(given, 0, 0, NULL);\n"}, {"portal/web/src/a.mjs": "new RegExp(typed)\n"}],
         {"portal/server/a.c": 'r = g_regex_new(\n "^a", 0, 0, NULL);\n', "portal/web/src/a.mjs": "new RegExp('^a')\n"}),
    Rule("the portal connects only where its configuration says", connections,
         [{"portal/server/a.c": "c = g_socket_client_connect_to_host(x, host, 25, NULL, NULL);\n"},
          {"portal/server/sgp-smtp.c": "SoupSession *s;\n"}],
         {"portal/server/sgp-smtp.c": "g_socket_client_new();\n", "portal/server/a.c": "g_signal_connect(a, b);\n"}),
    Rule("the compiler checks the portal's format strings", unchecked_formats,
         [{"CMakeLists.txt": "-Wall\n"}, {"CMakeLists.txt": "-Wformat=2 -Wno-format-nonliteral\n"},
          {"CMakeLists.txt": "-Wformat=2\n", "portal/server/a.c": '#pragma GCC diagnostic ignored "-Wformat-nonliteral"\n'}],
         {"CMakeLists.txt": "  -Wformat=2 -Wshadow\n"}),
    Rule("pages hear their own workers and nobody else", foreign_messages,
         [{"portal/web/src/a.mjs": "window.addEventListener('message', f);\n"}, {"portal/web/src/a.mjs": "opener.postMessage(1)\n"},
          {"portal/web/src/a.mjs": "self.onmessage = f;\n"}, {"portal/web/src/a.mjs": "new BroadcastChannel('x')\n"}],
         {"portal/web/src/a.mjs": "worker.onmessage = f; judge.addEventListener('message', f);\n",
          "portal/web/src/vault/worker.mjs": "self.onmessage = f;\n"}),
    Rule("pages are HTML, CSS, JavaScript and WebAssembly", old_techniques,
         [{"portal/web/src/a.mjs": "h('object', {})\n"}, {"portal/web/src/a.html": "<embed src=x>\n"}],
         {"portal/web/src/a.mjs": "h('p', {}, 'object')\n"}),
    Rule("the portal uses no weak digest, cipher or generator", weak_cryptography,
         [{"portal/server/a.c": "g_compute_checksum_for_data(G_CHECKSUM_SHA1, a, b);\n"}, {"portal/server/a.c": "x = g_random_int();\n"},
          {"portal/web/src/a.mjs": "crypto.subtle.digest('SHA-1', x)\n"}, {"portal/web/src/a.mjs": "const id = Math.random();\n"}],
         {"portal/server/a.c": "g_usleep(g_random_int_range(1, 9));\n", "portal/web/src/a.mjs": "setTimeout(f, Math.random());\n"}),
    Rule("the portal has no switch that is not an option", hidden_switches,
         [{"portal/server/a.c": 'if (g_getenv("SGP_DEBUG"))\n'}, {"portal/server/a.c": "#ifdef SGP_DEBUG\n"}],
         {"portal/server/a.c": 'x = g_getenv("CREDENTIALS_DIRECTORY");\n'}),
    Rule("the portal logs to the standard error output only", other_logs,
         [{"portal/server/a.c": 'syslog(1, "x");\n'}, {"portal/server/a.c": 'f = fopen("log", "a");\n'}],
         {"portal/server/a.c": 'g_printerr("x");\n'}),
    Rule("the samples for operators keep to verified connections", loose_samples,
         [{"packaging/portal/a.conf": "#database=postgresql://db1/portal\n"}, {"packaging/portal/a.conf": "ssl_protocols TLSv1 TLSv1.2;\n"},
          {"packaging/portal/a.conf": "    server 192.0.2.1:8480;\n"}, {"packaging/portal/a.conf": "#smtp-plain=true\n"}],
         {"packaging/portal/a.conf": "#database=postgresql://db1/portal?sslmode=verify-full\nsmtp=127.0.0.1:25\n    server 127.0.0.1:8480;\n"}),
    Rule("every kind of line of the portal's log is in its README", unnamed_log_lines,
         [{"portal/README.md": "## The log\n| `request` | x |\n", "portal/server/a.c": 'g_printerr("mail kind=%s", k);\n'}],
         {"portal/README.md": "## The log\n| `mail`, `error store` | x |\n",
          "portal/server/a.c": 'g_printerr("mail kind=%s", k); g_printerr("error store=%s", k);\n'}),
    Rule("every table of the portal's store has a data class", unclassed_tables,
         [{"portal/README.md": "## Data classes\n", "portal/sql/sqlite/1.sql": "CREATE TABLE secrets (\n"},
          {"portal/README.md": "## Data classes\n| `gone` | x |\n", "portal/sql/sqlite/1.sql": "\n"}],
         {"portal/README.md": "## Data classes\n| `secrets` | x |\n", "portal/sql/sqlite/1.sql": "CREATE TABLE secrets (\n"}),
]
