# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds once more, elsewhere and otherwise, and compares every byte with what is there."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from bill import PROGRAMS
from scratch import SOURCE_DIR

WEB = ("build.mjs", "package.json", "package-lock.json")


def not_copied(folder, names):
    """What is no source: the repository, builds in it, what was unpacked or left there."""
    left = {".git", "node_modules", "demo-out", "__pycache__"}
    return {name for name in names if name in left or (name.startswith("build") and Path(folder, name).is_dir())}


def files_of(folder):
    """{path inside: bytes} of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def differences(one, other):
    """The names under which two folders do not hold the same bytes."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def bundle(build, folder, *before, umask=0o022, age=0, **env):
    """Bundles the pages in a folder of its own; returns the served files and the manifest."""
    folder.mkdir(parents=True)
    for name in WEB:
        shutil.copy(SOURCE_DIR / "portal" / "web" / name, folder)
    shutil.copytree(SOURCE_DIR / "portal" / "web" / "src", folder / "src")
    shutil.copytree(build / "portal" / "web" / "node_modules", folder / "node_modules", symlinks=True)
    for path in folder.rglob("*"):
        os.utime(path, (1_000_000_000 + age, 1_000_000_000 + age), follow_symlinks=False)
    subprocess.run([*before, "node", "build.mjs", "out", "release.json"], cwd=folder, check=True, timeout=300, umask=umask,
                   env={**os.environ, "DONT_FAKE_MONOTONIC": "1", "NODE_NO_WARNINGS": "1", **env})
    return files_of(folder / "out"), (folder / "release.json").read_bytes()


def check_packages_are_the_locked_ones(build):
    """What is bundled is what the lockfile names: npm notes what it has unpacked after checking each digest."""
    def digests(path):
        return {name: entry["integrity"] for name, entry in json.loads(path.read_text())["packages"].items() if entry.get("integrity")}
    locked = digests(SOURCE_DIR / "portal" / "web" / "package-lock.json")
    unpacked = digests(build / "portal" / "web" / "node_modules" / ".package-lock.json")
    assert len(unpacked) > 10 and unpacked.items() <= locked.items()


def check_bundle(build, scratch):
    """Two folders, clocks, languages, time zones, umasks and homes give the pages of this build."""
    clock = ["faketime", "2031-02-03 04:05:06"] if shutil.which("faketime") else []
    first = bundle(build, scratch / "a", LC_ALL="C", TZ="UTC")
    second = bundle(build, scratch / "elsewhere" / "und-tief" / "b", *clock, umask=0o077, age=300_000_000, LC_ALL="tr_TR.UTF-8",
                    LANG="tr_TR.UTF-8", TZ="Pacific/Kiritimati", HOME=str(scratch), SOURCE_DATE_EPOCH="1")
    assert len(first[0]) >= 7 and not differences(first[0], second[0]), differences(first[0], second[0])
    assert first[1] == second[1], "the manifest"
    built = files_of(build / "portal" / "web" / "dist"), (build / "portal" / "web" / "release.json").read_bytes()
    assert not differences(first[0], built[0]) and first[1] == built[1], "the build folder has other pages than its sources"
    # The comparison sees one byte.
    assert differences(first[0], {**second[0], "index.html": second[0]["index.html"] + b" "}) == ["index.html"]


def check_manifest(build):
    """It names each served file with its digest, and the pages themselves name the same digests for what they load."""
    dist, manifest = files_of(build / "portal" / "web" / "dist"), json.loads((build / "portal" / "web" / "release.json").read_text())
    digests = {name: "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode() for name, data in dist.items()}
    assert manifest["files"] == digests and manifest["v"] == 1
    page = dist["index.html"].decode()
    for kind in ("app", "style"):
        name = next(one for one in dist if one.startswith(f"assets/{kind}-"))
        assert digests[name] in page and f"/{name}" in page, kind
    app = next(data for name, data in dist.items() if name.startswith("assets/app-")).decode()
    for kind in ("vault", "strength"):
        name = next(one for one in dist if one.startswith(f"assets/{kind}-"))
        assert digests[name] in app and f"/{name}" in app, kind


def cache_of(build):
    """The choices of a build folder: {name: value}."""
    return dict(re.findall(r"^([A-Z_]+):[A-Z]+=(.*)$", (build / "CMakeCache.txt").read_text(), re.MULTILINE))


def check_programs(build, scratch):
    """The programs, with their debug information, come out the same from a copy of the sources elsewhere; how many."""
    chosen = cache_of(build)
    source, target = scratch / "woanders" / "siegelpost", scratch / "b"
    shutil.copytree(SOURCE_DIR, source, ignore=not_copied)
    keep = [f"-D{name}={chosen[name]}" for name in ("CMAKE_BUILD_TYPE", "CMAKE_C_COMPILER", "CMAKE_C_FLAGS", "CMAKE_INSTALL_PREFIX",
                                                    "CMAKE_INSTALL_LOCALEDIR", "EVOLUTION", "PLUGIN", "PORTAL", "SANITIZE") if chosen.get(name)]
    # Compiled anew: what a cache remembers from the first build proves nothing.
    env = {**os.environ, "CCACHE_DISABLE": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"}
    subprocess.run(["cmake", "-S", source, "-B", target, "-G", "Ninja", "-DTESTS=OFF", "-DBENCHES=OFF", *keep], check=True, env=env,
                   stdout=subprocess.DEVNULL, timeout=300)
    built = {name: place for name, place in PROGRAMS.items() if (build / place).exists()}
    targets = [Path(place).name.removesuffix(".so") for place in built.values()]
    done = subprocess.run(["cmake", "--build", target, "-j", str(os.cpu_count() or 2), "--target", *targets], env=env, timeout=1500,
                          capture_output=True, text=True, check=False, umask=0o077)
    assert done.returncode == 0, done.stdout[-3000:]
    other = [name for name, place in built.items() if (build / place).read_bytes() != (target / place).read_bytes()]
    assert not other, other
    # Where the words are looked for is chosen, and was chosen alike; for tests it lies in the build folder.
    words = chosen.get("CMAKE_INSTALL_LOCALEDIR", "").encode()
    for place in built.values():
        found = (build / place).read_bytes()
        assert str(SOURCE_DIR).encode() + b"/" not in (found.replace(words, b"") if words else found), place
    return len(built)
