# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed, and packaging/INSTALL.md as an administrator would follow it: each command, as far as it can be run."""

import os
import re
import shlex
import shutil
import subprocess
import urllib.request
from pathlib import Path

from builds import cache_of
from scratch import SOURCE_DIR

GUIDE = SOURCE_DIR / "packaging" / "INSTALL.md"
# Programs of Debian or of the hosts, that are only looked at.
HOSTS = {"apt-get", "certbot", "nginx", "systemd-sysusers", "curl", "systemctl"}
# What may be installed, under the prefix.
EXPECTED = (r"bin/siegelpost(-portal)?", r"libexec/siegelpost-(agent|extract)", r"lib/systemd/(system|user)/siegelpost-\w+\.service",
            r"lib/sysusers\.d/siegelpost-portal\.conf", r"share/siegelpost/portal-release\.json",
            r"share/siegelpost/portal/(index\.html|\w+\.js\.LEGAL\.txt|assets/\w+-[0-9a-f]{16}\.(js|css|svg))",
            r"share/doc/siegelpost/(portal/)?[\w.-]+\.(conf|md)", r"share/man/(de/)?man\d/siegelpost[\w-]*\.\d",
            r"share/dbus-1/(services|interfaces)/org\.siegelpost\.\w+\.(service|xml)", r"share/glib-2\.0/schemas/org\.siegelpost[\w.]*\.xml",
            r"share/(icons|applications|metainfo|bash-completion/completions|zsh/[\w/-]+)/[\w/.-]*siegelpost[\w.-]*",
            r"share/locale/\w+/LC_MESSAGES/siegelpost\.mo", r"(/usr/)?lib/[\w/.-]+/module-siegelpost\.so")


def installed(build, scratch):
    """The files that an installation brings, under the prefix; what a developer's build keeps in itself is left out."""
    chosen = cache_of(build)
    target = scratch / "root"
    done = subprocess.run(["cmake", "--install", build], env={**os.environ, "DESTDIR": str(target)}, capture_output=True, text=True, check=False,
                          timeout=300)
    assert done.returncode == 0, done.stderr[-1000:]
    names = [f"/{path.relative_to(target).as_posix()}" for path in target.rglob("*") if path.is_file() or path.is_symlink()]
    prefix = chosen.get("CMAKE_INSTALL_PREFIX", "/usr/local")
    local = chosen.get("CMAKE_INSTALL_LOCALEDIR", "")
    return target, [name.removeprefix(f"{prefix}/") for name in names if not (local.startswith("/") and name.startswith(f"{local}/"))]


def check_installed(build, scratch):
    """Everything that is installed is known here."""
    _, names = installed(build, scratch)
    assert len(names) > 8, names
    odd = [name for name in names if not any(re.fullmatch(one, name) for one in EXPECTED)]
    assert not odd, odd
    assert not [name for name in names if re.search(r"test|bench|fuzz|node_modules|\.map$|\.mjs$", name)], names


def halves():
    """The commands of the German and of the English part, a list of lines each."""
    german, english = GUIDE.read_text().split("\n# Set up on Monday\n")
    return [[line for block in re.findall(r"^```\n(.*?)^```$", part, re.MULTILINE | re.DOTALL) for line in block.splitlines()]
            for part in (german, english)]


def check_languages():
    """Both languages give the same commands, and have the same sections."""
    german, english = halves()
    assert len(german) > 20 and german == english
    text = GUIDE.read_text()
    assert len(re.findall(r"^## \d\. ", text, re.MULTILINE)) == 2 * 6
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (GUIDE.parent / link).exists(), link


class Follower:
    """Somebody who follows the guide, in a scratch directory instead of a server's root."""

    def __init__(self, build, scratch):
        self.build = build
        self.root, self.names = installed(build, scratch)
        self.prefix = cache_of(build).get("CMAKE_INSTALL_PREFIX", "/usr/local")
        self.portal = build / "portal" / "server" / "siegelpost-portal"
        self.help = subprocess.run([self.portal, "--help"], check=True, capture_output=True, text=True, timeout=60).stdout

    def here(self, path):
        """Where a path of the server lies in the scratch directory; /usr is the prefix of this build."""
        return self.root / (path.replace("/usr/", f"{self.prefix}/", 1) if path.startswith("/usr/") else path).lstrip("/")

    def follow(self, line):
        """Does what a line says; raises where that is impossible."""
        words = shlex.split(line)
        if words[0].startswith("packaging/"):
            script = SOURCE_DIR / words[0]
            assert os.access(script, os.X_OK) and all(word in script.read_text() for word in words[1:]), line
        elif words[0] == "cmake":
            self.configure(words)
        elif words[0] == "install":
            self.install(words, line)
        elif words[0] == "sed":
            self.edit(words)
        elif words[0] == "runuser":
            self.administer(words[words.index("--") + 1:])
        elif words[0] == "siegelpost":
            program = self.build / "plugin" / "cli" / "siegelpost"
            assert not program.exists() or words[1] in subprocess.run([program, "--help"], capture_output=True, text=True, check=False).stdout, line
        else:
            assert words[0] in HOSTS, line
            self.look(words, line)

    def configure(self, words):
        known = "".join(path.read_text() for path in (SOURCE_DIR / "CMakeLists.txt",))
        for name in (re.match(r"-D(\w+)=", word)[1] for word in words if word.startswith("-D")):
            assert name.startswith("CMAKE_") or f"option({name} " in known, name

    def install(self, words, line):
        paths = [word for word in words[1:] if word.startswith("/")]
        if "-d" in words:
            self.here(paths[-1]).mkdir(parents=True, exist_ok=True)
            return
        target = self.here(paths[1])
        # What Debian's own packages bring is not there in the scratch directory.
        if paths[1].startswith(("/etc/nginx/", "/var/backups/")):
            target.parent.mkdir(parents=True, exist_ok=True)
        assert self.here(paths[0]).is_file() and target.parent.is_dir(), line
        shutil.copy(self.here(paths[0]), target)

    def edit(self, words):
        """The reader's own name takes the place of the sample's, everywhere where it counts."""
        path = self.here(words[-1])
        words = [word.replace("/portal.office.example/'", "/post.meine.example/").replace("/portal.office.example/", "/post.meine.example/") for word in words]
        subprocess.run([*words[:-1], path], check=True, timeout=60)
        lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
        assert any("post.meine.example" in line for line in lines), path
        assert not [line for line in lines if "portal.office.example" in line], f"{path} still has the sample's name"

    def administer(self, words):
        """The portal's own commands are run."""
        assert words[0] == "siegelpost-portal"
        for word in words:
            assert not word.startswith("--") or f"{word}=" in self.help or word in self.help, word
        done = subprocess.run([self.portal, *(str(self.here(word)) if word.startswith("/var/") else word for word in words[1:])],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        if "add-staff" in words:
            assert re.fullmatch(r"[\w-]{43}\n", done.stdout), done.stdout

    def look(self, words, line):
        """Units and addresses that a host's program is given."""
        for word in words:
            if word.startswith("siegelpost-"):
                assert any(name.endswith(f"/{word}.service") for name in self.names), line
            if word.startswith("http://"):
                self.ask(word)

    def ask(self, url):
        """The portal, started as the unit starts it, answers; on another port than the sample's."""
        config = self.here("/etc/siegelpost/portal.conf")
        listen = re.search(r"^listen=(\S+)$", config.read_text(), re.MULTILINE)[1]
        assert f"http://{listen}/" in url, (listen, url)
        own = config.with_suffix(".test")
        own.write_text(re.sub(r"^smtp=.*$", "smtp=127.0.0.1:1", config.read_text().replace(f"listen={listen}", "listen=127.0.0.1:0"), flags=re.MULTILINE))
        unit = next(name for name in self.names if name.endswith("/system/siegelpost-portal.service"))
        started = re.search(r"^ExecStart=(\S+) --config (\S+) --data (\S+)$", self.here(f"/usr/{unit}").read_text(), re.MULTILINE)
        assert started and started[1] == f"{self.prefix}/bin/siegelpost-portal" and started[3] == "%S/siegelpost-portal"
        process = subprocess.Popen([self.portal, "--config", own, "--data", self.here("/var/lib/siegelpost-portal"), "--web",
                                    self.here("/usr/share/siegelpost/portal")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            address = process.stdout.readline().split()[-1]
            with urllib.request.urlopen(address + url.split(listen, 1)[1], timeout=60) as answer:
                assert answer.status == 200
            with urllib.request.urlopen(f"{address}/technical", timeout=60) as answer:
                assert b"<!doctype html>" in answer.read()
        finally:
            process.terminate()
            process.wait(75)
            process.stdout.close()


def check_followed(build, scratch):
    """From the first line to the last."""
    follower = Follower(build, scratch)
    german, _ = halves()
    for line in german:
        follower.follow(line)
    backup = follower.here("/var/lib/siegelpost-portal/backup.tar")
    assert backup.stat().st_size > 0 and follower.here("/var/backups/siegelpost-guard.key").is_file()
    # A path that nobody installs is noticed.
    for wrong in ("install -m 644 /usr/share/doc/siegelpost/portal/gone.conf /etc/siegelpost/portal.conf", "packaging/install-deps --gone",
                  "runuser -u siegelpost-portal -- siegelpost-portal --data /var/lib/siegelpost-portal admin gone", "wget x", "cmake -DGONE=ON"):
        try:
            follower.follow(wrong)
        except (AssertionError, OSError):
            continue
        raise AssertionError(f"followed: {wrong}")


def check_portal_packages():
    """`install-deps --portal` names a package for every library that the portal's part of the build asks for."""
    script = (SOURCE_DIR / "packaging" / "install-deps").read_text()
    listed = set(re.search(r'^portal="([^"]+)"', script, re.MULTILINE)[1].split())
    asked = set()
    for folder in ("protocol", "server", "web"):
        for block in re.findall(r"pkg_check_modules\(\w+ ([^)]*)\)", (SOURCE_DIR / "portal" / folder / "CMakeLists.txt").read_text()):
            asked |= {word for word in block.split() if word not in ("REQUIRED", "IMPORTED_TARGET")}
    assert len(asked) > 5
    for name in asked:
        folder = subprocess.run(["pkg-config", "--variable=pcfiledir", name], check=True, capture_output=True, text=True).stdout.strip()
        owners = subprocess.run(["dpkg", "-S", f"{folder}/{name}.pc"], check=True, capture_output=True, text=True).stdout
        assert {one.split(":")[0] for one in owners.split(": ")[0].split(", ")} & listed, f"{name}: {owners}"


def sentences(build, scratch):
    """(sentence, check) of everything here."""
    yield "what is installed is what runs, and no test", lambda: check_installed(build, scratch / "installed")
    yield "the guide for administrators says the same in both languages", check_languages
    yield "the guide for administrators can be followed from the first line to the last", lambda: check_followed(build, scratch / "guide")
    yield "the packages for the portal alone are enough to build it", check_portal_packages
