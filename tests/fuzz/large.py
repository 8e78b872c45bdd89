# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs that take minutes or hours where a parser looks at everything again for every byte."""

SIZE = 64 * 1024
# What reads every word several times, and does so with a model, is slow enough to notice it earlier.
SIZES = {"opt-out": 16 * 1024, "content": 16 * 1024}

# What is repeated until they are full.
UNITS = (b"<", b"<a ", b"<div>", b"<blockquote>", b"<p style=\"display:none\">", b"</b>", b"<!--",
         b"&", b"&#", b">", b"> ", b">>> a >>>\n", b"\n", b"\r", b" \n", b" ", b"a", b"a ", b"a. ",
         b"a@b.example, ", b"\"", b"\\", b"(", b"()", b"[", b"{", b"{\"a\":", b"{\\rtf", b";", b"=", b",", b"-- \n",
         b"----\n", b"Re: ", b"=?utf-8?q?a?= ", b"A:", b"schrieb ", b"nicht per e-mail ", b"\xc3\x83",
         b"\xcc\x81", b"\xcc\x81\xcc\xa3", b"\xe2\x80\x8b", b"\xc2\xb4", b"\xff", b"pub:::::::::\n", b"uid:u::::::::<a@b.example>:\n",
         b"mx: a.example\n", b"header.from=a ", b"0")

# Where only the beginning leads to what is large.
FRAMES = {
    "mail": (b"From: a@b.example\nTo: ", b"From: a@b.example\nSubject: ", b"Content-Type: ",
             b"From: a@b.example\nReferences: ", b"From: a@b.example\n\n",
             b"Content-Type: text/html\n\n", b"Content-Type: multipart/mixed; boundary=\"-\"\n\n"),
    "inquiry": (b"a@kunde.example\nReceived: by ", b"a@kunde.example\nDate: ",
                b"a@kunde.example\nAuthentication-Results: mx.kanzlei.example; dmarc=pass "),
    "autocrypt": (b"addr=erika@kunde.example; keydata=",),
    "extract": (b"{\\rtf1 ", b"<!doctype html>", b"<?xml version=\"1.0\"?>"),
    "protocol": (b"{\"a\":", b"{\"a\":\"", b"{\"a\":["),
    "armor": (b"-----BEGIN PGP MESSAGE-----\n\n",),
    "mta-sts": (b"version: STSv1\nmode: enforce\n",),
    "request": (b"GET /", b"PATCH /p/v1/uploads/a\ncookie: "),
    "bounce": (b"Content-Type: multipart/report; report-type=delivery-status; boundary=a\n\n",
               b"Content-Type: multipart/report; report-type=delivery-status; boundary=a\n\n--a\n"
               b"Content-Type: message/delivery-status\n\n"),
    "gpgsm-listing": (b"-----BEGIN CERTIFICATE-----\n",),
    "portal-answers": (b"\0\n{\"customers\":[", b"\1\n{\"events\":[", b"\x15Location: "),
    "portal-config": (b"[portal]\n", b"[portal]\norigin="),
    "settings": (b"[org.siegelpost]\n", b"[org.siegelpost]\nown-domains=["),
    "smtp": (b"220 ", b"220-a\r\n", b"220 a\r\n250-"),
}
FRAMES["copy"] = FRAMES["mail-head"] = FRAMES["mail"]
FRAMES["escrow"] = FRAMES["shared-record"] = FRAMES["protocol"]
FRAMES["submission"] = FRAMES["smtp"]


def nested_parts(depth):
    """A mail of parts in parts."""
    text = "From: a@b.example\n"
    for level in range(depth):
        text += f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
    return text.encode()


def fill(frame, unit, size):
    """A frame, and units until it is full."""
    return frame + unit * (size // len(unit))


def inputs(name):
    """(word, bytes) of every large input for a target."""
    size = SIZES.get(name, SIZE)
    for frame in (b"", *FRAMES.get(name, ())):
        for unit in UNITS:
            yield f"{frame[:40]!r} and {size // 1024} KiB of {unit!r}", fill(frame, unit, size)
    if name in ("mail", "copy"):
        yield "10,000 parts in parts", nested_parts(10_000)
