"""The services that are measured: each started on a free port of 127.0.0.1, ended by the stack that holds it."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
BUILT = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release")
GUNICORN = os.environ.get("GUNICORN", "--worker-class gthread --workers 4 --threads 4").split()

NGINX = """
worker_processes auto;
worker_rlimit_nofile 4096;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
events {{ worker_connections 2048; }}
http {{
    client_body_temp_path {folder}/nginx-body; proxy_temp_path {folder}/nginx-proxy; fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi; scgi_temp_path {folder}/nginx-scgi;
    types {{ application/json json; }}
    access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; open_file_cache max=100; keepalive_requests 100000000;
    server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}/answers; gzip_static on; }}
}}
"""


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextlib.contextmanager
def process(command, log, environment=None):
    """Runs until the context ends; what it says goes into the file."""
    with open(log, "ab") as out:
        child = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **(environment or {})})
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()


def wait_for(url, child, log):
    """Until somebody answers there, whatever it is."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        if child.poll() is not None:
            break
    with open(log, encoding="utf-8", errors="replace") as said:
        sys.exit(f"{url} does not answer:\n{said.read()[-2000:]}")


@contextlib.contextmanager
def ground():
    """PostgreSQL and Redis by their URLs."""
    child = subprocess.Popen([f"{BUILT}/airq-serve-ground"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield json.loads(child.stdout.readline())
    finally:
        child.stdin.close()
        child.wait()


class Services:
    """Starts services; each is its base URL and the process behind it."""

    def __init__(self, stack, folder, urls):
        self.stack, self.folder, self.urls = stack, folder, urls

    def start(self, name, command, base, environment=None):
        log = os.path.join(self.folder, f"{name}.log")
        child = self.stack.enter_context(process(command, log, environment))
        wait_for(base + "/", child, log)
        return base, child.pid

    def airq(self, name, cache, levels="warn", program=f"{BUILT}/airq-server"):
        port = free_port()
        command = [program, "--source", self.urls["postgres"], "--cache", cache]
        command += ["--listen", f"127.0.0.1:{port}", "--admin-listen", "127.0.0.1:0"]
        return self.start(name, command, f"http://127.0.0.1:{port}", {"RUST_LOG": levels})

    def bare(self):
        port = free_port()
        command = [f"{BUILT}/airq-bare-http", f"127.0.0.1:{port}", os.path.join(self.folder, "answers")]
        return self.start("bare", command, f"http://127.0.0.1:{port}")

    def nginx(self):
        port, path = free_port(), os.path.join(self.folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(NGINX.format(folder=self.folder, port=port))
        command = ["nginx", "-c", path, "-e", os.path.join(self.folder, "nginx.log"), "-g", "daemon off;"]
        return self.start("nginx", command, f"http://127.0.0.1:{port}")

    def flask(self, name, make="dicts", cache="on"):
        port = free_port()
        command = [os.path.join(os.path.dirname(sys.executable), "gunicorn"), "--chdir", os.path.join(HERE, "flask")]
        command += [*GUNICORN, "--keep-alive", "60", "--log-level", "warning", "--bind", f"127.0.0.1:{port}", "app:app"]
        told = {"DATABASE_URL": self.urls["postgres"], "REDIS_URL": self.urls["redis"], "MAKE": make, "CACHE": cache}
        return self.start(name, command, f"http://127.0.0.1:{port}", told)
