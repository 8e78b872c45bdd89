# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop session of its own: X server, D-Bus, unlocked keyring, window manager, accessibility.

Nothing of the user's session is touched: home, configuration, runtime directory, bus and keyring
are scratch. With show=True the windows open on the display that is already there.
"""

import configparser
import os
import shutil
import subprocess
from pathlib import Path

from scratch import SOURCE_DIR, build_dir

LANGUAGES = {"de": "de_DE.UTF-8", "en": "en_US.UTF-8"}
KEYRING_PASSWORD = b"scratch"


def make_locale(scratch, name):
    """Compile a locale into the scratch directory, so that German needs no change to the system."""
    directory = scratch.directory("locale")
    target = directory / name
    if not target.exists():
        language, _, charset = name.partition(".")
        # localedef warns (status 1) about things that no one here uses; only the result counts.
        result = subprocess.run(["localedef", "-i", language, "-f", charset, str(target)],
                                capture_output=True, text=True)
        if not (target / "LC_CTYPE").exists():
            raise RuntimeError(f"localedef cannot make {name}: {result.stderr}")
    return directory


class Desktop:
    """One session. The home directory belongs to one person."""

    def __init__(self, scratch, person="home", language="de", show=False, size="1280x1000"):
        self.scratch = scratch
        self.language = language
        self.show = show
        self.size = size
        self.home = scratch.directory(person, mode=0o700)
        self.config = scratch.directory(person, ".config")
        self.data = scratch.directory(person, ".local", "share")
        self.gnupg = scratch.directory(person, "gnupg", mode=0o700)
        self.runtime = scratch.directory(person, "run", mode=0o700)
        self.env = self._environment()
        self._processes = []

    def _environment(self):
        locale = LANGUAGES[self.language]
        env = self.scratch.environment(
            HOME=str(self.home),
            XDG_CONFIG_HOME=str(self.config),
            XDG_DATA_HOME=str(self.data),
            XDG_CACHE_HOME=str(self.home / ".cache"),
            XDG_STATE_HOME=str(self.home / ".local" / "state"),
            XDG_RUNTIME_DIR=str(self.runtime),
            GNUPGHOME=str(self.gnupg),
            LOCPATH=str(make_locale(self.scratch, locale)),
            LANG=locale, LC_ALL=locale, LANGUAGE=self.language,
            TZ="Europe/Berlin",
            GSETTINGS_BACKEND="keyfile",
            GTK_THEME="Adwaita", NO_AT_BRIDGE="0", GTK_MODULES="gail:atk-bridge",
            # WebKit's sandbox needs user namespaces, which containers often lack.
            WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS="1",
            WEBKIT_DISABLE_COMPOSITING_MODE="1", WEBKIT_DISABLE_DMABUF_RENDERER="1",
            LIBGL_ALWAYS_SOFTWARE="1",
            GIO_USE_VFS="local", GIO_USE_NETWORK_MONITOR="base", GVFS_DISABLE_FUSE="1")
        env.pop("DBUS_SESSION_BUS_ADDRESS", None)
        if self.show:
            self._keep_display(env)
        else:
            env.pop("WAYLAND_DISPLAY", None)
            env["GDK_BACKEND"] = "x11"
        return env

    @staticmethod
    def _keep_display(env):
        """The user's display is found by names that HOME and XDG_RUNTIME_DIR complete: say all."""
        authority = Path.home() / ".Xauthority"
        if "XAUTHORITY" not in os.environ and authority.exists():
            env["XAUTHORITY"] = str(authority)
        socket = os.environ.get("WAYLAND_DISPLAY")
        if socket and "XDG_RUNTIME_DIR" in os.environ:
            env["WAYLAND_DISPLAY"] = str(Path(os.environ["XDG_RUNTIME_DIR"]) / socket)

    def add_product(self, directory=None):
        """Let the session see Siegelpost from a build directory: agent, schema and Evolution module.

        Returns what was found: {"agent": bool, "schema": bool, "module": bool}.
        """
        build = Path(directory or build_dir())
        data = build / "plugin" / "data"
        services = data / "dbus-1" / "services"
        if services.exists():
            shutil.copytree(services, self.data / "dbus-1" / "services", dirs_exist_ok=True)
        schema = (data / "gschemas.compiled").exists()
        if schema:
            self.env["GSETTINGS_SCHEMA_DIR"] = str(data)
        module = build / "plugin" / "evolution" / "module-siegelpost.so"
        if module.exists():
            self._add_evolution_module(module)
        agent = build / "plugin" / "agent" / "siegelpost-agent"
        self.env["SGP_BUILD_DIR"] = str(build)
        return {"agent": agent.exists(), "schema": schema, "module": module.exists()}

    def _add_evolution_module(self, module):
        # Evolution repeats its own prefix below XDG_DATA_HOME/evolution/modules; see its own loader.
        prefix = self.data / "evolution" / "modules"
        modules = self.scratch.directory(prefix, "lib", "evolution", "modules")
        (modules / module.name).unlink(missing_ok=True)
        os.symlink(module, modules / module.name)
        errors = self.scratch.directory(prefix, "share", "evolution", "errors")
        for error in (SOURCE_DIR / "plugin" / "evolution").glob("*.error"):
            shutil.copy(error, errors)
        for error in module.parent.glob("*.error"):
            shutil.copy(error, errors)

    def remove_module(self):
        """Take the Evolution module away again: the mail program alone."""
        modules = self.data / "evolution" / "modules" / "lib" / "evolution" / "modules"
        (modules / "module-siegelpost.so").unlink(missing_ok=True)

    def start(self):
        """Start everything; returns self. This process sees the session too (its os.environ)."""
        self._start_display()
        self._start_bus()
        # What drives the windows from this process needs the same bus and display.
        for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
            if name in self.env:
                os.environ[name] = self.env[name]
        keyring = self._keep(["gnome-keyring-daemon", "--unlock", "--foreground",
                              "--components=secrets"], stdin=subprocess.PIPE)
        keyring.stdin.write(KEYRING_PASSWORD)
        keyring.stdin.close()
        self.run(["gdbus", "wait", "--session", "--timeout", "20", "org.freedesktop.secrets"])
        if not self.show:
            self._keep(["openbox"])
        self.run(["gdbus", "wait", "--session", "--activate", "org.a11y.Bus", "--timeout", "20",
                  "org.a11y.Bus"])
        return self

    def _keep(self, argv, **popen):
        process = self.scratch.spawn(argv, env=self.env, **popen)
        self._processes.append(process)
        return process

    def _start_display(self):
        if self.show:
            return
        reader, writer = os.pipe()
        self._keep(["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{self.size}x24",
                    "-nolisten", "tcp", "-noreset"], pass_fds=(writer,))
        os.close(writer)
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError(f"Xvfb did not start: see {self.scratch.logs}/Xvfb.log")
        self.env["DISPLAY"] = f":{number}"

    def _start_bus(self):
        reader, writer = os.pipe()
        self._keep(["dbus-daemon", "--session", "--nofork", "--nopidfile",
                    f"--print-address={writer}"], pass_fds=(writer,))
        os.close(writer)
        with os.fdopen(reader) as answer:
            address = answer.readline().strip()
        if not address:
            raise RuntimeError(f"dbus-daemon did not start: see {self.scratch.logs}")
        self.env["DBUS_SESSION_BUS_ADDRESS"] = address

    def run(self, argv, check=True, timeout=60, **more):
        """Run a command inside the session and return its CompletedProcess (text)."""
        return subprocess.run([str(word) for word in argv], env=self.env, check=check,
                              timeout=timeout, capture_output=True, text=True, **more)

    def spawn(self, argv, log=None):
        """Start a program inside the session."""
        return self.scratch.spawn(argv, env=self.env, log=log)

    def screenshot(self, path):
        """A picture of the whole screen (PNG)."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        width, height = self.size.split("x")
        self.run(["xdotool", "mousemove", str(int(width) - 1), str(int(height) - 1)],
                 check=False)  # a resting mouse shows tooltips over what is to be seen
        self.run(["import", "-window", "root", path])
        return Path(path)

    def has_bus_name(self, name):
        """Whether somebody owns this name on the session bus."""
        answer = self.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus",
                           "--object-path", "/org/freedesktop/DBus", "--method",
                           "org.freedesktop.DBus.NameHasOwner", name])
        return "true" in answer.stdout

    def stop(self):
        """End the session; what it activated over D-Bus ends with Scratch.close()."""
        self.run(["gpgconf", "--homedir", self.gnupg, "--kill", "all"], check=False)
        for process in reversed(self._processes):
            self.scratch.stop(process)
        self._processes.clear()

    def keyfile(self, groups):
        """Set GSettings values: keyfile({"org/gnome/evolution": {"version": "'3.46'"}})."""
        path = self.scratch.directory(self.config, "glib-2.0", "settings") / "keyfile"
        settings = configparser.RawConfigParser(strict=False)
        settings.optionxform = str
        settings.read(path)
        settings.read_dict(groups)
        with open(path, "w") as output:
            settings.write(output, space_around_delimiters=False)
