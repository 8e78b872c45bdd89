# SPDX-License-Identifier: GPL-3.0-or-later
"""The bill of materials against what it speaks of: the lockfile, and what the loader loads."""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from scratch import SOURCE_DIR

PROGRAMS = {"siegelpost-portal": "portal/server/siegelpost-portal", "siegelpost-agent": "plugin/agent/siegelpost-agent",
            "siegelpost": "plugin/cli/siegelpost", "siegelpost-extract": "plugin/extract/siegelpost-extract",
            "module-siegelpost": "plugin/evolution/module-siegelpost.so"}


def written(build, root=SOURCE_DIR, **env):
    """(status, output) of packaging/sbom."""
    done = subprocess.run([root / "packaging" / "sbom", build], capture_output=True, text=True, timeout=300, check=False,
                          env={**os.environ, **env}, cwd="/")
    return done.returncode, done.stdout


def lockfile():
    """{name@version: entry} of every package in the lockfile."""
    packages = json.loads((SOURCE_DIR / "portal" / "web" / "package-lock.json").read_text())["packages"]
    return {f"{path.split('node_modules/')[-1]}@{entry['version']}": entry for path, entry in packages.items() if path}


def check_packages(sbom):
    """Every package of the lockfile is there with its digest and licence, and no other."""
    listed = {f"{one['name']}@{one['version']}": one for one in sbom["components"] if one.get("purl", "").startswith("pkg:npm/")}
    locked = lockfile()
    assert len(locked) > 20 and set(listed) == set(locked), set(listed) ^ set(locked)
    for name, entry in locked.items():
        assert entry["integrity"] == "sha512-" + base64.b64encode(bytes.fromhex(listed[name]["hashes"][0]["content"])).decode(), name
        assert listed[name]["licenses"] == [{"expression": entry["license"]}], name
        assert (listed[name]["scope"] == "excluded") == entry.get("dev", False), name


def owners_of(sonames):
    """{soname: packages}, asked of dpkg by the names alone, whatever folder the libraries are said to lie in."""
    shown = subprocess.run(["dpkg", "-S", *(f"*/{soname}" for soname in sorted(sonames))], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in shown.splitlines():
        names, _, path = line.rpartition(": ")
        if not line.startswith("diversion "):
            found.setdefault(path.rsplit("/", 1)[-1], set()).update(name.split(":")[0] for name in names.split(", "))
    return found


def check_libraries(sbom, build):
    """Every package whose library a built program loads is below that program; returns how many programs there are."""
    needs = {one["ref"]: one["dependsOn"] for one in sbom["dependencies"]}
    components = {one["bom-ref"]: one for one in sbom["components"]}
    assert len(components) == len(sbom["components"]) and set(needs) <= set(components), "every reference has its component, once"
    assert all(name in components for names in needs.values() for name in names)
    built = {name: build / place for name, place in PROGRAMS.items() if (build / place).exists()}
    loads = {name: re.findall(r"^\s+(\S+) => /", subprocess.run(["ldd", file], check=True, capture_output=True, text=True).stdout, re.MULTILINE)
             for name, file in built.items()}
    owners = owners_of({soname for sonames in loads.values() for soname in sonames})
    for name, file in built.items():
        dynamic = subprocess.run(["readelf", "-dW", file], check=True, capture_output=True, text=True).stdout
        linked = sorted(re.findall(r"NEEDED.*\[(.+)\]", dynamic))
        assert linked == [one["value"] for one in components[name]["properties"]], name
        for soname in loads[name]:
            assert {components[ref]["name"] for ref in needs[name]} & owners[soname], f"{name}: {soname} of {owners[soname]}"
    for one in components.values():
        assert one["version"] and one["licenses"], one["bom-ref"]
    return len(built)


def check_repeats(build):
    """Another place, language and time zone change no byte."""
    first = written(build)
    again = written(build, LC_ALL="de_DE.UTF-8", TZ="Pacific/Kiritimati", HOME="/nonexistent")
    assert first[0] == 0 and first == again
    for word in (str(SOURCE_DIR), str(build), os.uname().nodename):
        assert word not in first[1], word


def check_refuses(build):
    """What it cannot name is no list: a package without a digest, and a build folder with nothing in it."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for part in ("packaging/sbom", "portal/web/package-lock.json", "CMakeLists.txt"):
            (root / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(SOURCE_DIR / part, root / part)
        assert written(build, root)[0] == 0, "the copy works"
        assert written(root, root) == (1, ""), "nothing built"
        lock = root / "portal" / "web" / "package-lock.json"
        text = lock.read_text()
        lock.write_text(re.sub(r'"integrity": "sha512-[^"]+",\s*', "", text, count=1))
        assert written(build, root) == (1, ""), "no digest"
