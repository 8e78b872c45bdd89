# SPDX-License-Identifier: GPL-3.0-or-later
"""Many write at once and share a commit: what each of them was told is there, after a SIGKILL too."""

import http.client
import json
import secrets
import threading

from harness import Portal, Staff, b64u, customer, uuid7

WRITERS = 16


class Writer:
    """Saves one draft again and again, and remembers the last one that was acknowledged and the one on its way."""

    def __init__(self, browser):
        self.browser = browser
        self.path = f"/p/v1/drafts/{uuid7()}"
        self.acknowledged = self.underway = None
        self.count = 0

    def save(self):
        self.underway = b64u(secrets.token_bytes(3000))
        answer = self.browser.call("PUT", self.path, {"wrap": self.underway})
        assert answer.status == 200, answer.body
        self.acknowledged = self.underway
        self.count += 1


def test_what_was_acknowledged_together_is_there():
    with Portal(smtp=False) as portal:
        browser = customer(portal, Staff(portal))
        writers = [Writer(browser) for _ in range(WRITERS)]
        enough = threading.Barrier(WRITERS + 1)
        problems = []

        def work(writer):
            try:
                for _ in range(3):
                    writer.save()
                enough.wait(120)
                while True:
                    writer.save()
            except (OSError, http.client.HTTPException):
                pass  # the portal was killed
            except Exception as problem:
                problems.append(problem)
                enough.abort()

        threads = [threading.Thread(target=work, args=(writer,)) for writer in writers]
        for thread in threads:
            thread.start()
        enough.wait(120)
        portal.kill()
        for thread in threads:
            thread.join()
        assert not problems, problems
        portal.start()
        for writer in writers:
            answer = browser.call("GET", writer.path)
            assert answer.status == 200, json.dumps([writer.count, answer.status])
            assert answer.json["wrap"] in (writer.acknowledged, writer.underway), "an acknowledged draft is gone"
        assert "0 damaged" in portal.admin("verify").stdout
