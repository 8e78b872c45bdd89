# SPDX-License-Identifier: GPL-3.0-or-later
"""siegelpost-portal on a scratch directory, with the scratch mail system as its SMTP server."""

import subprocess
import urllib.error
import urllib.request

from scratch import build_dir, free_port, wait_for


class PortalService:
    """One portal. It keeps its port and its data when it is stopped and started again."""

    def __init__(self, scratch, smtp_port, portal_address, notice_interval=1):
        self.scratch = scratch
        self.program = build_dir() / "portal" / "server" / "siegelpost-portal"
        self.data = scratch.directory("portal", mode=0o700)
        self.smtp_port = smtp_port
        self.portal_address = portal_address
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.notice_interval = notice_interval  # seconds; an office's own portal waits 15 minutes
        self.web = None  # built pages of one's own
        self._process = None

    def admin(self, *arguments):
        """Run an admin command; returns what it printed."""
        result = subprocess.run([str(self.program), "--data", str(self.data), "admin", *arguments],
                                capture_output=True, text=True, timeout=60,
                                env=self.scratch.environment())
        if result.returncode:
            raise RuntimeError(f"admin {arguments}: {result.stdout}{result.stderr}")
        return result.stdout

    def set_up(self, office="Versicherungsagentur Siegel"):
        """The office, once."""
        self.admin("init", "--office", office, "--portal-mail", self.portal_address,
                   "--support-name", "Petra Beispiel", "--support-phone", "+49 30 1234567",
                   "--support-hours", "Mo–Fr 9–17 Uhr", "--support-mail", "hilfe@agentur.example")

    def add_staff(self, address, name):
        """A staff member's enrolment token."""
        printed = self.admin("add-staff", address, "--name", name)
        return next(line.strip() for line in printed.splitlines() if len(line.strip()) >= 20
                    and " " not in line.strip())

    def start(self):
        """Serve, and wait until it is ready."""
        self._process = self.scratch.spawn(
            [self.program, "--data", self.data, "--listen", f"127.0.0.1:{self.port}",
             "--origin", self.origin, "--smtp", f"127.0.0.1:{self.smtp_port}",
             "--notice-interval", str(self.notice_interval),
             *(["--web", self.web] if self.web else [])], log="portal")
        wait_for("the portal", self._ready, 20)
        return self

    def _ready(self):
        if self._process.poll() is not None:
            log = (self.scratch.logs / "portal.log").read_text(errors="replace")
            raise RuntimeError(f"the portal ended: {log[-1500:]}")
        try:
            with urllib.request.urlopen(f"{self.origin}/readyz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self):
        """Stop it: connections are refused from now on."""
        self.scratch.stop(self._process)

    def kill(self):
        """SIGKILL, as a crash would."""
        self._process.kill()
        self._process.wait(10)

    def log(self):
        """Its log so far."""
        return (self.scratch.logs / "portal.log").read_text(errors="replace")
