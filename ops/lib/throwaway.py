"""Real servers for a rehearsal: on free ports, in a temporary folder, gone when it ends."""

import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Programs of administrators and of PostgreSQL are not on everybody's PATH.
os.environ["PATH"] += ":/usr/sbin:/sbin:" + ":".join(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)))


def install(*pairs):
    """Installs the Debian packages of programs that are missing, each as PROGRAM=PACKAGE."""
    subprocess.run([ROOT / "scripts/install-packages", *pairs], check=True)


def install_podman(*pairs):
    """Installs podman, and more packages."""
    subprocess.run([ROOT / "ops/lib/install-podman", *pairs], check=True)


def say(what):
    print(what, file=sys.stderr, flush=True)


# podman's settings where systemd does not run.
CONTAINERS_CONF = ROOT / "ops/lib/containers.conf"
GIVEN_PORTS = set()


def free_port():
    """A port that no server has. Below the ports that the kernel gives to clients, so that none takes it before a restart."""
    while True:
        port = random.randrange(10000, 32768)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in GIVEN_PORTS:
            GIVEN_PORTS.add(port)
            return port


def get(url, timeout=60):
    """The status and the body of an answer; 0 if there is none."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def get_headers(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        answer.read()
        return dict(answer.headers)


def expected_rows(city):
    """The number of measurements of a city in the sample, by the files themselves."""
    stations = [line.split(",") for line in (ROOT / "fixtures/stations.csv").read_text().splitlines()[1:]]
    own = {station[0] for station in stations if station[2] == city}
    rows = (ROOT / "fixtures/environment_airq_measurand.csv").read_text().splitlines()[1:]
    return sum(row.split(",")[1] in own for row in rows)


def statements(containing):
    """Returns the one block of SQL in docs/scaling.md that contains a clause."""
    blocks = re.findall(r"```sql\n(.*?)```", (ROOT / "docs/scaling.md").read_text(), re.DOTALL)
    [found] = [block for block in blocks if containing in block]
    return found


# Generous, because a server starts slowly on a machine with other work. Only a failure takes this long.
PATIENCE = 180


def until(what, is_so, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit(f"after {seconds} s still not: {what}")
        time.sleep(0.1)


def airq(program):
    """A program of ours: where the variable says, or the newest that cargo built."""
    given = os.environ.get(program.upper().replace("-", "_"))
    built = [path for path in ROOT.glob(f"target/*/{program}") if path.is_file()]
    if not given and not built:
        raise SystemExit(f"there is no {program}: cargo build -p {program}")
    return given or str(max(built, key=lambda path: path.stat().st_mtime))


class Stage:
    """What was started, to be ended together."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="airq-rehearsal-"))
        self.folder.chmod(0o755)
        self.processes = {}

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        return self

    def __exit__(self, kind, error, *_):
        # A second signal must not leave servers behind.
        handler = signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if kind is SystemExit and error.code not in (None, 0):
            self.say_last_lines()
        for name, process in reversed(self.processes.items()):
            process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if kind not in (None, SystemExit) or os.environ.get("AIRQ_KEEP"):
            say(f"what the servers said is in {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, handler)

    def start(self, name, *command, user=None, **environment):
        """Starts a server; its output goes into a file of its name."""
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(word) for word in command],
                stdout=log,
                stderr=log,
                env={**os.environ, **{key: str(value) for key, value in environment.items()}},
                user=user,
                group=pwd.getpwnam(user).pw_gid if user else None,
                extra_groups=[] if user else None,
                cwd=self.folder,
            )

    def stop(self, name):
        process = self.processes.pop(name)
        process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
        process.wait(PATIENCE)

    def say_last_lines(self, count=5):
        """Prints the end of each log, because the folder is removed after a failure."""
        for path in sorted(self.folder.glob("*.log")):
            lines = path.read_text(errors="replace").splitlines()[-count:]
            say("".join(f"    {path.stem}: {line[:300]}\n" for line in lines).rstrip())

    def until_answers(self, name, what, is_so):
        """Waits for a server. Fails at once if its process has ended."""

        def is_so_or_ended():
            status = self.processes[name].poll()
            if status is not None:
                raise SystemExit(f"{name} ended with status {status}; still not: {what}")
            return is_so()

        until(what, is_so_or_ended)

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def make_postgres(self, address="127.0.0.1"):
        """A new cluster, which trusts everybody at this address. PostgreSQL refuses root: then it is another's."""
        self.database_port, self.database_address = free_port(), address
        self.database_user = "nobody" if os.getuid() == 0 else None
        data = self.folder / "postgres"
        data.mkdir()
        if self.database_user:
            os.chown(data, pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
        self.start("initdb", "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", user=self.database_user)
        if self.processes.pop("initdb").wait():
            raise SystemExit(self.log("initdb"))
        with open(data / "pg_hba.conf", "a", encoding="utf-8") as rules:
            rules.write("host all all all trust\n")
        self.start_postgres()
        self.sql("create database airq")

    def start_postgres(self):
        data, port = self.folder / "postgres", self.database_port
        self.start(
            "postgres", "postgres", "-D", data, "-p", port, "-k", data, "-c", f"listen_addresses={','.join(sorted({self.database_address, '127.0.0.1'}))}",
            "-c", "fsync=off", user=self.database_user,
        )  # fmt: skip
        self.until_answers("postgres", "PostgreSQL answers", lambda: self.sql("select 1", check=False) == 0)

    def sql(self, text, check=True):
        command = ["psql", "-qXAt", "-h", "127.0.0.1", "-p", str(self.database_port), "-U", "postgres", "-c", text]
        return subprocess.run(command, check=check, capture_output=True).returncode

    def start_redis(self, port, address="127.0.0.1"):
        self.start("redis", "redis-server", "--port", port, "--bind", *sorted({address, "127.0.0.1"}), "--protected-mode", "no", "--save", "", "--dir", self.folder, "--maxmemory", "64mb")
        self.until_answers("redis", "Redis answers", lambda: self.redis(port, "ping") == "PONG")

    def redis(self, port, *words):
        return subprocess.run(["redis-cli", "-p", str(port), *words], capture_output=True, text=True).stdout.strip()

    def start_nginx(self, name, *servers, limits=None, replaced=("", "")):
        """The proxy of ops/nginx before these servers, its paths in a folder of its own; gives its address.

        `limits` are the texts of optional files by name. In nginx.conf, the first text of `replaced` becomes the second."""
        folder, address = self.folder / f"{name}-files", f"127.0.0.1:{free_port()}"
        folder.mkdir()
        folder.chmod(0o777)
        upstream = " ".join(f"server {one} max_fails=0;" for one in servers)
        site = (ROOT / "ops/nginx/templates/airq.conf.template").read_text()
        site = site.replace("${AIRQ_UPSTREAM_SERVERS}", upstream).replace("${AIRQ_PROXY_LISTEN}", address)
        (folder / "site.conf").write_text(site)
        settings = (ROOT / "ops/nginx/nginx.conf").read_text()
        settings = settings.replace("/tmp/", f"{folder}/").replace("/etc/nginx/conf.d/*.conf", f"{folder}/site.conf")
        settings = settings.replace(*replaced) if replaced[0] else settings
        settings = settings.replace("/etc/nginx/limits.d/", f"{folder}/limits.d/")
        (folder / "limits.d").mkdir()
        for file, text in (limits or {}).items():
            (folder / "limits.d" / file).write_text(text)
        (folder / "nginx.conf").write_text(settings)
        self.start(name, "nginx", "-e", "stderr", "-c", folder / "nginx.conf", "-g", "daemon off;")
        self.until_answers(name, f"{name} answers", lambda: get(f"http://{address}/v1/cities")[0] == 200)
        return address

    def start_airq(self, name, *within, **settings):
        """A server of ours, run by the words of another program if there are any; gives the addresses of its API and of its admin port."""
        api, admin = free_port(), free_port()
        self.start(
            name,
            *within,
            airq("airq-server"),
            AIRQ_LISTEN=f"127.0.0.1:{api}",
            AIRQ_ADMIN_LISTEN=f"127.0.0.1:{admin}",
            **settings,
        )
        self.until_answers(name, f"{name} is ready", lambda: get(f"http://127.0.0.1:{admin}/readyz")[0] == 200)
        return f"127.0.0.1:{api}", f"127.0.0.1:{admin}"
