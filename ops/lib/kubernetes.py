"""A real Kubernetes of one node, for a rehearsal: Debian's etcd and containerd, and the programs of ops/kubernetes/build-programs.

The node lives in namespaces of its own (`enter`): its network, mounts and processes are gone when the rehearsal ends, whatever
happens. It is Kubernetes 1.20, so manifests are converted to the versions of that time (`for_old_server`). It has no metrics
server, and its network ignores NetworkPolicies.
"""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from throwaway import ROOT, install_podman, say, until

API = "127.0.0.1:16443"
DNS = "10.96.0.10"
# What the kubelet would set for the whole machine.
SYSCTLS = {
    "vm/overcommit_memory": 1, "vm/panic_on_oom": 0, "kernel/panic": 10, "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1000000, "kernel/keys/root_maxbytes": 25000000,
}  # fmt: skip


def enter():
    """Runs this program again as the first process of namespaces of its own, unless it is that, and removes what it leaves.

    Only outside can its temporary folder be removed: inside there are mounts until the last process has ended.
    """
    if os.getpid() == 1:
        return
    folder = tempfile.mkdtemp(prefix="airq-node-")
    os.chmod(folder, 0o711)
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "--propagation", "private"]
    inside = subprocess.Popen([*command, sys.executable, *sys.argv], env={**os.environ, "TMPDIR": folder})
    # unshare ignores the signal, and the first process inside does not.
    children = Path(f"/proc/{inside.pid}/task/{inside.pid}/children")
    signal.signal(signal.SIGTERM, lambda *_: [os.kill(int(child), signal.SIGTERM) for child in children.read_text().split()])
    try:
        status = inside.wait()
    finally:
        inside.kill()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(status)


def programs():
    """The folder of Kubernetes' programs. Builds them the first time, which needs the network."""
    built = subprocess.run([ROOT / "ops/kubernetes/build-programs"], check=True, stdout=subprocess.PIPE, text=True)
    return Path(built.stdout.strip())


class Node:
    def __init__(self, stage):
        self.stage, self.folder = stage, stage.folder
        self.programs = programs()
        self.token = secrets.token_hex(16)
        self.config = self.folder / "kubeconfig"

    def start(self):
        self.isolate()
        self.start_control_plane()
        self.start_containerd()
        self.start_kubelet()
        self.start_proxy()
        threading.Thread(target=Dns(self).serve, daemon=True).start()
        until("the node is ready", self.is_ready, 600)

    def isolate(self):
        """Folders and settings that the node's programs would share with the machine."""
        run("mount", "--make-rshared", "/")
        for path in ("/run/netns", "/run/containerd", "/var/log/pods", "/var/log/containers", "/var/lib/kubelet"):
            Path(path).mkdir(parents=True, exist_ok=True)
            run("mount", "-t", "tmpfs", "tmpfs", path)
        for name, value in SYSCTLS.items():
            path = self.folder / name.replace("/", ".")
            path.write_text(f"{value}\n")
            run("mount", "--bind", path, f"/proc/sys/{name}")
        run("ip", "link", "set", "lo", "up")
        run("ip", "address", "add", f"{DNS}/32", "dev", "lo")
        # The API server wants to advertise an address that is not loopback.
        run("ip", "link", "add", "outside", "type", "bridge")
        run("ip", "address", "add", "10.245.0.1/24", "dev", "outside")
        run("ip", "link", "set", "outside", "up")
        run("ip", "route", "add", "default", "via", "10.245.0.2", "dev", "outside", "onlink")
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")

    def start_control_plane(self):
        folder, start = self.folder, self.stage.start
        start("etcd", "etcd", "--data-dir", folder / "etcd", "--log-level", "error", "--unsafe-no-fsync")
        key = folder / "service-account.key"
        run("openssl", "genrsa", "-out", key, "2048")
        (folder / "tokens").write_text(f"{self.token},admin,admin,system:masters\n")
        start(
            "apiserver", self.programs / "kube-apiserver", "--etcd-servers=http://127.0.0.1:2379", "--secure-port=16443",
            "--bind-address=0.0.0.0", "--advertise-address=10.245.0.1", f"--cert-dir={folder / 'certificates'}",
            f"--token-auth-file={folder / 'tokens'}", "--authorization-mode=RBAC", "--service-cluster-ip-range=10.96.0.0/16",
            f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}", "--allow-privileged",
            "--service-account-issuer=https://kubernetes.default.svc", "--kubelet-preferred-address-types=InternalIP", "--feature-gates=TTLAfterFinished=true",
        )  # fmt: skip
        cluster = {"server": f"https://{API}", "insecure-skip-tls-verify": True}
        self.config.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "node",
            "clusters": [{"name": "node", "cluster": cluster}],
            "users": [{"name": "admin", "user": {"token": self.token}}],
            "contexts": [{"name": "node", "context": {"cluster": "node", "user": "admin"}}],
        }))  # fmt: skip
        until("the API server is ready", lambda: self.kubectl("get", "--raw", "/readyz", check=False) == "ok", 600)
        start("controller-manager", self.programs / "kube-controller-manager", f"--kubeconfig={self.config}", "--bind-address=127.0.0.1",
              f"--service-account-private-key-file={key}", "--feature-gates=TTLAfterFinished=true",
              "--node-monitor-grace-period=600s", "--leader-elect=false", f"--cert-dir={folder / 'certificates'}",
              "--use-service-account-credentials")  # fmt: skip
        start("scheduler", self.programs / "kube-scheduler", f"--kubeconfig={self.config}", "--leader-elect=false",
              "--bind-address=127.0.0.1", f"--cert-dir={folder / 'certificates'}")  # fmt: skip

    def start_containerd(self):
        network = self.folder / "cni"
        network.mkdir()
        (network / "10-bridge.conflist").write_text(json.dumps({
            "cniVersion": "0.4.0", "name": "pods", "plugins": [
                {"type": "bridge", "bridge": "pods", "isGateway": True, "ipMasq": True, "hairpinMode": True,
                 "ipam": {"type": "host-local", "dataDir": str(self.folder / "addresses"), "routes": [{"dst": "0.0.0.0/0"}],
                          "ranges": [[{"subnet": "10.244.0.0/24"}]]}},
                {"type": "portmap", "capabilities": {"portMappings": True}},
            ],
        }))  # fmt: skip
        (self.folder / "containerd.toml").write_text(f"""
version = 2
root = "{self.folder}/containerd"
state = "{self.folder}/containerd-state"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "{self.folder}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{network}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
""")
        self.stage.start("containerd", "containerd", "--config", self.folder / "containerd.toml")
        until("containerd answers", lambda: self.ctr("version", check=False).returncode == 0, 600)
        self.import_pause()

    def start_kubelet(self):
        settings = self.folder / "kubelet.json"
        settings.write_text(json.dumps({
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "address": "0.0.0.0",
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
            "authorization": {"mode": "AlwaysAllow"}, "cgroupDriver": "cgroupfs", "cgroupsPerQOS": False,
            "enforceNodeAllocatable": [], "failSwapOn": False, "clusterDomain": "cluster.local", "clusterDNS": [DNS],
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1Gi"}, "imageGCHighThresholdPercent": 100,
            "maxPods": 60, "volumePluginDir": str(self.folder / "plugins"), "resolvConf": "",
        }))  # fmt: skip
        self.stage.start("kubelet", self.programs / "kubelet", f"--kubeconfig={self.config}", f"--config={settings}",
                         f"--root-dir={self.folder / 'kubelet'}", "--container-runtime=remote", "--hostname-override=node",
                         f"--container-runtime-endpoint=unix://{self.folder}/containerd.sock", "--node-ip=10.245.0.1",
                         f"--cert-dir={self.folder / 'certificates'}")  # fmt: skip

    def start_proxy(self):
        self.stage.start("proxy", self.programs / "kube-proxy", f"--kubeconfig={self.config}", "--proxy-mode=iptables",
                         "--conntrack-max-per-core=0", "--hostname-override=node", "--cluster-cidr=10.244.0.0/16",
                         "--iptables-min-sync-period=0s")  # fmt: skip

    def is_ready(self):
        said = self.kubectl("get", "nodes", "-o", "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}", check=False)
        return said == "True"

    def kubectl(self, *words, check=True, text=None, program=None):
        """The output of kubectl, of the version of the server."""
        command = [program or self.programs / "kubectl", "--kubeconfig", self.config, *words]
        for _ in range(10):
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True, input=text)
            # Other work on the machine can make the API server too slow.
            if not any(reason in done.stderr for reason in ("(Timeout)", "request timed out", "handshake timeout")):
                break
        if check and done.returncode:
            raise SystemExit(f"kubectl {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout.strip()

    def ctr(self, *words, check=True):
        command = ["ctr", "--address", f"{self.folder}/containerd.sock", "--namespace", "k8s.io", *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True)
        if check and done.returncode:
            raise SystemExit(f"ctr {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done

    def import_pause(self):
        file = self.folder / "Dockerfile"
        file.write_text("FROM scratch\nCOPY pause /\nENTRYPOINT [\"/pause\"]\n")
        run("podman", "build", "--quiet", "--isolation", "chroot", "--tag", "localhost/pause:1", "--file", file, self.programs)
        self.import_image("localhost/pause:1", "localhost/pause:1")

    def import_image(self, built, *names):
        """Gives the node an image of podman's, by the names of the manifests."""
        archive = self.folder / "image.tar"
        run("podman", "save", "--quiet", "--format", "docker-archive", "--output", archive, built)
        self.ctr("images", "import", archive)
        archive.unlink()
        for name in names:
            if name != built:
                self.ctr("images", "tag", "--force", built, name)

    def add_volume(self, claim, size):
        """A volume for a claim of the namespace airq, as a provisioner would make it: its group's."""
        path = self.folder / "volumes" / claim
        path.mkdir(parents=True)
        os.chown(path, 0, 999)
        path.chmod(0o2775)
        self.kubectl("apply", "-f", "-", text=json.dumps({
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": claim},
            "spec": {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": str(path)},
                     "claimRef": {"namespace": "airq", "name": claim}},
        }))  # fmt: skip

    def get(self, *words):
        return json.loads(self.kubectl("-n", "airq", "get", *words, "-o", "json"))


class Dns:
    """The names of Services, for pods: a name has its cluster IP, or the addresses of a headless one."""

    def __init__(self, node):
        self.node, self.known, self.read_at = node, {}, 0.0

    def addresses(self, name, namespace):
        if time.monotonic() - self.read_at > 1:
            found = json.loads(self.node.kubectl("get", "services,endpoints", "--all-namespaces", "-o", "json"))["items"]
            services, endpoints = {}, {}
            for one in found:
                key = (one["metadata"]["name"], one["metadata"]["namespace"])
                if one["kind"] == "Service":
                    services[key] = one["spec"].get("clusterIP")
                else:
                    endpoints[key] = [end["ip"] for part in one.get("subsets") or [] for end in part.get("addresses") or []]
            self.known = {key: endpoints.get(key, []) if ip in (None, "None") else [ip] for key, ip in services.items()}
            self.read_at = time.monotonic()
        return self.known.get((name, namespace))

    def serve(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind((DNS, 53))
            while True:
                question, client = server.recvfrom(512)
                try:
                    server.sendto(self.answer(question), client)
                except Exception as error:  # The cluster has no other server of names.
                    say(f"DNS: {error!r}")

    def answer(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode().lower())
            at += 1 + question[at]
        kind = struct.unpack(">H", question[at + 1 : at + 3])[0]
        found = self.addresses(labels[0], labels[1]) if labels[2:] == ["svc", "cluster", "local"] else None
        records = [struct.pack(">HHHIH", 0xC00C, 1, 1, 2, 4) + socket.inet_aton(one) for one in found or []] if kind == 1 else []
        flags = 0x8580 | (3 if found is None else 0)
        return question[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + question[12 : at + 5] + b"".join(records)


def for_old_server(documents):
    """Manifests in the versions of Kubernetes 1.20, without the fields that came later."""
    for document in documents:
        kind, spec = document["kind"], document.get("spec") or {}
        if kind == "CronJob":
            document["apiVersion"] = "batch/v1beta1"
            spec.pop("timeZone", None)
        elif kind == "PodDisruptionBudget":
            document["apiVersion"] = "policy/v1beta1"
            spec.pop("unhealthyPodEvictionPolicy", None)
        elif kind == "HorizontalPodAutoscaler":
            document["apiVersion"] = "autoscaling/v2beta2"
        yield document


def needs_kustomize():
    """Ends the rehearsal as one that this machine cannot run, if kubectl is too old to make the manifests."""
    said = subprocess.run(["kubectl", "version", "--client", "--output", "json"], capture_output=True, text=True).stdout
    minor = re.search(r'"minor": "(\d+)', said)
    if not minor or int(minor[1]) < 21:
        print("skipped: kubectl is older than 1.21, which makes the manifests")
        sys.exit(77)


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stderr.strip()}")


def install_programs():
    install_podman(
        "containerd=containerd", "etcd=etcd-server", "/usr/lib/cni/bridge=containernetworking-plugins", "ip=iproute2",
        "conntrack=conntrack", "ipset=ipset", "ebtables=ebtables", "socat=socat", "openssl=openssl", "unshare=util-linux",
        "initdb=postgresql", "redis-server=redis-server", "kubectl=kubernetes-client",
    )  # fmt: skip
