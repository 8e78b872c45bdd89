# SPDX-License-Identifier: GPL-3.0-or-later
"""A customer in front of a browser: registers, reads, replies, as the portal's pages allow.

The browser is the real Chromium, driven by browser.mjs; the names of fields and buttons are those
of portal/web/README.md.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

from scratch import SOURCE_DIR

HERE = Path(__file__).resolve().parent
PASSWORD = "Gewitter Laterne Biber 17"
ANSWER = "Frau Schröder-Weiß"


def install_web_packages(build):
    """playwright-core from the lockfile of tests/web, in the build directory; returns the folder."""
    source = SOURCE_DIR / "tests" / "web"
    target = build / "packaging" / "web-packages"
    stamp = target / "package-lock.json"
    if stamp.exists() and stamp.read_bytes() == (source / "package-lock.json").read_bytes():
        return target
    target.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", ".npmrc"):
        if (source / name).exists():
            shutil.copy(source / name, target)
    aside = target / "package-lock.json.new"
    shutil.copy(source / "package-lock.json", stamp)
    try:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts",
                        "--loglevel=error"], cwd=target, check=True)
    except subprocess.CalledProcessError:
        stamp.rename(aside)  # the next run installs again
        raise
    return target


class Browser:
    """Chromium with a profile of its own."""

    def __init__(self, scratch, packages, show=False, env=None):
        self.downloads = scratch.directory("downloads")
        self.process = scratch.spawn(
            ["node", HERE / "browser.mjs"], log="browser",
            env=dict(env or scratch.environment(), SGP_WEB_PACKAGES=str(packages),
                     SGP_PROFILE=str(scratch.directory("chromium")), SGP_SHOW="1" if show else "0",
                     HOME=str(scratch.path), NODE_EXTRA_CA_CERTS=""),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def do(self, action, **given):
        """One action of browser.mjs; its answer."""
        self.process.stdin.write(json.dumps({"action": action, **given}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the browser ended")
        answer = json.loads(line)
        if "error" in answer:
            raise AssertionError(f"browser: {answer['error']}")
        return answer["ok"]

    def close(self):
        """Close the browser."""
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()


class Customer:
    """One customer of the portal."""

    def __init__(self, browser, origin):
        self.browser = browser
        self.origin = origin

    def fill(self, **fields):
        """Fill fields; names with _ for -."""
        for name, value in fields.items():
            self.browser.do("fill", name=name.replace("_", "-"), value=value)

    def press(self, name, then=None):
        """Press a button, and wait for what it leads to."""
        self.browser.do("press", name=name)
        if then:
            self.browser.do("wait", name=then)

    def text(self, name):
        """What one place of the page says."""
        return self.browser.do("text", name=name)

    def register(self, link, code):
        """From the mailed link and the code that was read out, to a password of one's own."""
        self.browser.do("open", url=link)
        self.fill(register_code=code)
        self.press("register-code-submit", "register-password-form")
        self.fill(register_password=PASSWORD, register_password2=PASSWORD)
        self.press("register-password-submit", "register-question-form")
        self.browser.do("choose", name="register-question", value="teacher")
        self.fill(register_answer=ANSWER)
        self.press("register-submit", "register-done")

    def log_in(self, address):
        """The portal's own address, typed in."""
        self.browser.do("open", url=f"{self.origin}/")
        self.fill(login_address=address, login_password=PASSWORD)
        self.press("login-submit", "inbox-list")

    def open_message(self, position=0):
        """Open a message of the list, newest first, and return its subject."""
        assert position == 0, "only the newest"
        self.press("message-row", "message-text")
        return self.text("message-subject")

    def save_attachment(self):
        """Download the message's first attachment; returns the file."""
        target = self.browser.downloads / "attachment"
        name = self.browser.do("download", name="attachment", path=str(target))
        final = self.browser.downloads / Path(name).name
        os.replace(target, final)
        return final

    def reply(self, text):
        """Answer the open message."""
        self.press("reply", "compose-text")
        self.fill(compose_text=text)
        self.press("compose-send", "compose-done")

    def shot(self, path):
        """A picture of the page."""
        self.browser.do("shot", path=str(path))
