# SPDX-License-Identifier: GPL-3.0-or-later
"""A submission service that misbehaves as it is told, on a port of loopback.

    server = SubmissionServer()
    server.script["."] = "451 later"      # the answer to lines that begin so; "" hangs up; a callable is called
    SubmissionServer(("127.9.8.7", 25), "key-and-certificate.pem")    # with STARTTLS
    server.mails                          # [(from, [to, ...], text)] of mails whose end was answered with 250
"""

import socket
import ssl
import threading


class SubmissionServer:
    """One thread per connection."""

    def __init__(self, address=("127.0.0.1", 0), certificate=None):
        self.script = {}
        self.mails = []
        self.heard = []
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)
        self.socket = socket.create_server(address)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _peer = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def answer(self, line):
        for begin, answer in self.script.items():
            if line.startswith(begin) and (begin != "." or line == "."):
                return answer() if callable(answer) else answer
        offer = "250-STARTTLS\r\n" if self.context else ""
        return {"EHLO": f"250-test\r\n{offer}250 8BITMIME", "DATA": "354 go on", "QUIT": "221 bye"}.get(line[:4], "250 ok")

    def talk(self, connection):
        try:
            connection.sendall(b"220 test\r\n")
            if self.listen(connection):
                connection = self.context.wrap_socket(connection, server_side=True)
                self.heard.append("[tls]")
                self.listen(connection)
        except OSError:
            pass  # the client went away, as some are told to
        finally:
            connection.close()

    def listen(self, connection):
        """One conversation; True: TLS is to begin."""
        sender, people, text, in_data = None, [], [], False
        for raw in connection.makefile("rb"):
            line = raw.decode().rstrip("\r\n")
            self.heard.append(line)
            if in_data and line != ".":
                text.append(line[1:] if line.startswith(".") else line)
                continue
            in_data = False
            answer = self.answer(line)
            if not answer:
                return False
            if line == "." and answer.startswith("250"):
                self.mails.append((sender, people, "\n".join(text)))
            if line.startswith("MAIL"):
                sender, people, text = line[11:].partition(">")[0], [], []
            if line.startswith("RCPT") and answer.startswith("250"):
                people.append(line[9:].partition(">")[0])
            in_data = answer.startswith("354")
            connection.sendall(answer.encode() + b"\r\n")
            if line == "STARTTLS":
                return self.context is not None
            if line == "QUIT":
                return False
        return False

    def stop(self):
        self.socket.close()
