# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server that only listens."""

import socketserver
import threading

from waiting import wait_until


class SmtpSink:
    """Takes every mail. `refuse` is a line said instead of 250 after RCPT or the data, `gate` holds the last answer back."""

    def __init__(self):
        self.mails = []
        self.envelopes = []  # what MAIL and RCPT said, of each mail
        self.extensions = []
        self.refuse = {}
        self.gate = None
        self.reached_gate = threading.Event()
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    self.talk()
                except (ConnectionError, ValueError):
                    pass

            def say(self, line):
                self.wfile.write(line.encode() + b"\r\n")

            def talk(self):
                self.say("220 sink")
                recipient = None
                envelope = []
                while True:
                    line = self.rfile.readline()
                    if not line:
                        return
                    verb = line.decode("ascii", "replace").strip()
                    upper = verb.upper()
                    if upper.startswith("EHLO"):
                        self.say("250-sink")
                        for extension in sink.extensions:
                            self.say(f"250-{extension}")
                        self.say("250 8BITMIME")
                    elif upper.startswith("MAIL"):
                        envelope = [verb]
                        self.say("250 ok")
                    elif upper.startswith("RCPT"):
                        envelope.append(verb)
                        recipient = verb[verb.index("<") + 1:verb.index(">")]
                        self.say(sink.refuse.get("rcpt", "250 ok"))
                    elif upper == "DATA":
                        self.say("354 go on")
                        lines = []
                        while (data := self.rfile.readline()) != b".\r\n":
                            if not data:
                                return
                            if not data.endswith(b"\r\n"):
                                raise ValueError("bare line end")
                            lines.append(data[1:] if data.startswith(b".") else data)
                        sink.envelopes.append(envelope)
                        sink.mails.append((recipient, b"".join(lines)))
                        if sink.gate is not None:
                            sink.reached_gate.set()
                            sink.gate.wait(20)
                        self.say(sink.refuse.get("data", "250 taken"))
                    elif upper == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def wait(self, count, seconds=15):
        wait_until(lambda: len(self.mails) >= count, seconds)
        return list(self.mails)

    def close(self):
        if self.gate is not None:
            self.gate.set()
        self.server.shutdown()
        self.server.server_close()
