# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx of Debian, as the measure for what a server of files can do on this machine, now."""

import os
import shutil
import subprocess

from scratch import free_port, listening, wait_for

CONFIGURATION = """\
pid {base}/nginx.pid;
error_log {base}/log/nginx-error.log;
worker_processes auto;
daemon off;
user {user};
events {{ worker_connections 1024; }}
http {{
  include /etc/nginx/mime.types;
  access_log {base}/log/nginx-access.log;
  client_body_temp_path {base}/web/temporary;
  proxy_temp_path {base}/nginx-proxy; fastcgi_temp_path {base}/nginx-fastcgi;
  uwsgi_temp_path {base}/nginx-uwsgi; scgi_temp_path {base}/nginx-scgi;
  sendfile on; tcp_nopush on; keepalive_requests 1000000;
  gzip on; gzip_comp_level 6; gzip_types text/css text/javascript application/javascript application/json image/svg+xml;
  server {{
    listen 127.0.0.1:{port}; listen 127.0.0.1:{tls_port} ssl;
    ssl_certificate {base}/tls.crt; ssl_certificate_key {base}/tls.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    root {base}/web;
    location / {{ gzip off; }}
    location /put/ {{ dav_methods PUT DELETE; client_max_body_size 200m; client_body_buffer_size 1m; }}
  }}
  {more}
}}
"""


def make_certificate(scratch):
    """One certificate for both servers: the same TLS."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", scratch.path / "tls.key", "-out", scratch.path / "tls.crt", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return scratch.path / "tls.crt", scratch.path / "tls.key"


class Nginx:
    """Serves scratch/web by HTTP and HTTPS; takes files at /put/ (DAV)."""

    def __init__(self, scratch, more=""):
        self.scratch = scratch
        self.web = scratch.directory("web")
        self.put = scratch.directory("web", "put", mode=0o777)
        scratch.directory("web", "temporary", mode=0o777)  # the same disk as put/: nginx renames
        self.port, self.tls_port = free_port(), free_port()
        user = "www-data" if os.geteuid() == 0 else "nobody"
        configuration = scratch.path / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(base=scratch.path, port=self.port, tls_port=self.tls_port, user=user, more=more))
        self.process = scratch.spawn([Nginx.find(), "-c", configuration], log="nginx")
        wait_for("nginx", lambda: listening(self.port), 20)

    @staticmethod
    def find():
        """The program, or None."""
        return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
