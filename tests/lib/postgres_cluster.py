# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL of our own in a scratch directory: loopback only, no password, nothing shared with the machine's."""

import glob
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile

import psycopg2

SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = 32MB
max_connections = 200
wal_level = replica
max_wal_senders = 4
hot_standby = on
logging_collector = off
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find_programs():
    """The newest PostgreSQL's own directory; Debian keeps it off the PATH. None if there is none."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    return os.path.dirname(found[-1]) if found else None


class Cluster:
    """One server. PostgreSQL refuses to run as root, so root lends it the user postgres."""

    owner = "siegelpost_owner"  # of the portal's tables
    service = "siegelpost_service"  # what the portal runs in

    def __init__(self, directory=None, port=None):
        self.programs = find_programs()
        if self.programs is None:
            raise FileNotFoundError("PostgreSQL is missing (Debian: postgresql)")
        self.port = port or free_port()
        self.directory = directory or tempfile.mkdtemp(prefix="siegelpost-postgres-")
        self.data = os.path.join(self.directory, "data")
        self.log_path = os.path.join(self.directory, "log")
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)

    def call(self, program, *arguments, check=True):
        command = [os.path.join(self.programs, program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd="/", stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")
        return done

    def initialise(self, extra=""):
        self.call("initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.write(SETTINGS + f"port = {self.port}\n" + extra)
        return self

    def start(self):
        # pg_ctl's children must not hold the pipe that its output is read from.
        command = [os.path.join(self.programs, "pg_ctl"), "-D", self.data, "-l", self.log_path, "-w", "-t", "60", "start"]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=90)
        return self

    def stop(self, mode="fast"):
        self.call("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop", check=False)

    def kill(self):
        """As a power cut for the processes: nobody says goodbye."""
        with open(os.path.join(self.data, "postmaster.pid"), encoding="utf-8") as file:
            postmaster = int(file.readline())
        children = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True, check=False).stdout.split()
        for process in [postmaster, *map(int, children)]:
            try:
                os.kill(process, 9)
            except ProcessLookupError:
                pass

    def follow(self, primary):
        """Becomes a streaming standby of another cluster."""
        self.call("pg_basebackup", "-D", self.data, "-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres", "-R", "-X", "stream", "-N",
                  "-d", f"host=127.0.0.1 port={primary.port} user=postgres application_name=standby")
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.write(f"port = {self.port}\nsynchronous_standby_names = ''\n")
        return self.start()

    def promote(self):
        self.call("pg_ctl", "-D", self.data, "-w", "promote")

    def run(self, database, statement, values=()):
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=database, connect_timeout=10,
                                      options="-c search_path=siegelpost,siegelpost_guard")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                rows = cursor.fetchall() if cursor.description else []
        finally:
            connection.close()
        return [tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in rows]

    def make_database(self):
        name = "portal_" + secrets.token_hex(6)
        for role in (self.owner, self.service):
            if not self.run("postgres", "SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)):
                self.run("postgres", f"CREATE ROLE {role} LOGIN")
        self.run("postgres", f"CREATE DATABASE {name} OWNER {self.owner}")
        return name

    def url(self, database, *others, role="postgres"):
        hosts = ",".join(f"127.0.0.1:{cluster.port}" for cluster in (self, *others))
        return f"postgresql://{role}@{hosts}/{database}?target_session_attrs=read-write"

    def remove(self):
        self.stop("immediate")
        shutil.rmtree(self.directory, ignore_errors=True)
