# SPDX-License-Identifier: GPL-3.0-or-later
"""Roundcube of Debian on nginx, php-fpm, SQLite and Dovecot: what a webmail usually costs."""

import glob
import grp
import http.client
import os
import pwd
import re
import secrets
import shutil
import sqlite3
import urllib.parse
from pathlib import Path

from scratch import free_port, listening, wait_for

PROGRAM = Path("/usr/share/roundcube")
PAGES = Path("/var/lib/roundcube/public_html")
USER, PASSWORD = "kunde", "geheim"

CONFIG = """<?php
$config = [];
$config['db_dsnw'] = 'sqlite:///{base}/roundcube.db?mode=0640';
$config['imap_host'] = '127.0.0.1:{imap}';
$config['smtp_host'] = '127.0.0.1:1';
$config['des_key'] = '{key}';
$config['plugins'] = [];
$config['skin'] = 'elastic';
$config['temp_dir'] = '{base}/temp';
$config['log_dir'] = '{base}/temp';
$config['mail_pagesize'] = 50;
$config['enable_spellcheck'] = false;
"""

FPM = """[global]
error_log = {base}/php-fpm.log
daemonize = no
[www]
{identity}
listen = {base}/php.sock
listen.mode = 0666
pm = static
pm.max_children = 4
env[ROUNDCUBE_CONFIG_DIR] = {base}/config
"""

DOVECOT = """\
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/dovecot.log
protocols = imap
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {internal}
mail_location = maildir:{base}/Maildir
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={base}
}}
namespace inbox {{
  inbox = yes
}}
"""

NGINX = """\
server {{
  listen 127.0.0.1:{port};
  root {pages};
  index index.php;
  location ~ \\.php$ {{
    include /etc/nginx/fastcgi_params;
    fastcgi_param SCRIPT_FILENAME $realpath_root$fastcgi_script_name;
    fastcgi_pass unix:{base}/php.sock;
  }}
}}
"""


def find_fpm():
    return next(iter(sorted(glob.glob("/usr/sbin/php-fpm*"))), None)


def find_missing():
    """Why it cannot run here, or None."""
    if not PROGRAM.exists() or not PAGES.exists():
        return "roundcube-core is not installed"
    if not find_fpm():
        return "php-fpm is not installed"
    if not shutil.which("dovecot") and not Path("/usr/sbin/dovecot").exists():
        return "dovecot is not installed"
    return None


def make_mail(number):
    text = "".join(f"Der Schaden {number} am Haus ist noch nicht bezahlt, bitte sehen Sie nach ({line}).\r\n" for line in range(20))
    return (f"From: Erika Muster <erika.muster@office.example>\r\nTo: {USER}@kunde.example\r\nSubject: Ihr Vertrag {number}\r\n"
            f"Message-ID: <m{number}@office.example>\r\nDate: Mon, 23 Nov 2026 10:{number % 60:02}:00 +0100\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}").encode()


class Roundcube:
    """Logged in, with an inbox of so many mails. nginx is the caller's: it gets `nginx_server`."""

    def __init__(self, scratch, mails):
        self.base = scratch.directory("roundcube", mode=0o777)
        self.port, self.imap = free_port(), free_port()
        self.scratch = scratch
        self.cookies = {}
        self.token = None
        root = os.geteuid() == 0
        self.user = "www-data" if root else pwd.getpwuid(os.getuid()).pw_name
        self.group = "www-data" if root else grp.getgrgid(os.getgid()).gr_name
        self.write_files(mails, root)
        scratch.spawn(["/usr/sbin/dovecot", "-F", "-c", self.base / "dovecot.conf"], log="dovecot")
        scratch.spawn([find_fpm(), "-F", "-y", self.base / "php-fpm.conf"], log="php-fpm")
        wait_for("Dovecot", lambda: listening(self.imap), 30)
        wait_for("php-fpm", (self.base / "php.sock").exists, 30)
        self.nginx_server = NGINX.format(port=self.port, pages=PAGES, base=self.base)

    def write_files(self, mails, root):
        for folder in ("config", "temp", "Maildir/new", "Maildir/cur", "Maildir/tmp"):
            (self.base / folder).mkdir(parents=True)
        values = {"base": self.base, "imap": self.imap, "key": secrets.token_hex(12), "password": PASSWORD, "user": self.user,
                  "group": self.group, "internal": self.user, "identity": f"user = {self.user}\ngroup = {self.group}" if root else ""}
        (self.base / "config" / "config.inc.php").write_text(CONFIG.format(**values))
        for name in ("defaults.inc.php", "mimetypes.php"):
            (self.base / "config" / name).symlink_to(f"/etc/roundcube/{name}")
        (self.base / "php-fpm.conf").write_text(FPM.format(**values))
        (self.base / "dovecot.conf").write_text(DOVECOT.format(**values))
        for number in range(mails):
            (self.base / "Maildir" / "cur" / f"{1000000000 + number}.M{number}.host:2,S").write_bytes(make_mail(number))
        with sqlite3.connect(self.base / "roundcube.db") as database:
            database.executescript((PROGRAM / "SQL" / "sqlite.initial.sql").read_text())
        if root:
            for folder, _, files in os.walk(self.base):
                for name in ("", *files):
                    shutil.chown(os.path.join(folder, name), self.user, self.group)

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(headers or {})}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        connection.close()
        return answer.status, text

    def find_token(self, text):
        return re.search(r'"request_token":"([^"]+)"', text)[1]

    def log_in(self):
        _, page = self.ask("GET", "/")
        form = {"_token": self.find_token(page), "_task": "login", "_action": "login", "_timezone": "Europe/Berlin", "_url": "",
                "_user": USER, "_pass": PASSWORD}
        status, _ = self.ask("POST", "/?_task=login", urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
        assert status == 302, f"Roundcube's login: {status}"
        _, page = self.ask("GET", "/?_task=mail")
        self.token = self.find_token(page)

    def inbox(self):
        """(url, headers) of the list that its page asks for."""
        return (f"http://127.0.0.1:{self.port}/?_task=mail&_action=list&_mbox=INBOX&_remote=1",
                (("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())),
                 ("X-Requested-With", "XMLHttpRequest"), ("X-Roundcube-Request", self.token)))
