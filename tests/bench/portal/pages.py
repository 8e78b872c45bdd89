# SPDX-License-Identifier: GPL-3.0-or-later
"""P14 and P15: pages.mjs in Chromium, beside the web tests' own means; its numbers join the table."""

import json
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
WEB = HERE.parents[1] / "web"
TOOLS = ("node", "npm", "chromium")


def prepare(build):
    """A folder with pages.mjs, the web tests' lib and their packages, which are fetched only if the lockfile changed."""
    work = build / "tests" / "bench-web"
    shutil.rmtree(work / "lib", ignore_errors=True)
    shutil.copytree(WEB / "lib", work / "lib")
    for path in (HERE / "pages.mjs", WEB / "package.json", WEB / ".npmrc"):
        shutil.copy(path, work)
    there = work / "package-lock.json"
    if not there.exists() or there.read_bytes() != (WEB / "package-lock.json").read_bytes() or not (work / "node_modules").exists():
        shutil.copy(WEB / "package-lock.json", there)
        done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], cwd=work, check=False)
        if done.returncode:
            there.unlink()
            raise RuntimeError("the packages of the web tests could not be installed")
    return work


def measure(table, build, roundcube):
    """roundcube: the address of its login page, or None."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        table.skipped.append(f"P14 and P15: {', '.join(missing)} not installed")
        return
    work = prepare(build)
    env = dict(os.environ, SGP_BUILD_DIR=str(build), SGP_LOGIN_PAGES=json.dumps([roundcube] if roundcube else []), NODE_NO_WARNINGS="1")
    done = subprocess.run(["node", "pages.mjs"], cwd=work, env=env, check=True, stdout=subprocess.PIPE, text=True, timeout=1200)
    found = json.loads(done.stdout.splitlines()[-1])
    for name, one in found["messages"].items():
        kind = "attachment" if name == "25 MB" else "message"
        table.add(f"P14 {kind} of {name} opens", one["ours"], "ms", one["bare"], "<= 1.3", "OpenPGP.js, same bytes, bare page")
        table.add(f"P14 {kind} of {name}: the page's longest task", max(one["stall"], 0.0), "ms", 100.0, "<= 1", "100 ms")
    ours = found["logins"]["ours"]
    table.add("P15 login page, over the wire", ours["bytes"] / 1000, "KB", 250.0, "<= 1", "250 KB")
    table.add("P15 login page, requests", ours["requests"], "", 6.0, "<= 1", "6")
    if roundcube:
        table.add("P15 login page, over the wire", ours["bytes"] / 1000, "KB", found["logins"][roundcube]["bytes"] / 1000, "<= 0.5",
                  "Roundcube's login page, gzip")
