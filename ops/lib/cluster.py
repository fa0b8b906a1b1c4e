"""What controllers and the kubelet do, for a rehearsal: pods start, are ready, get an endpoint, are ended in order."""

import json
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from pods import podman
from throwaway import get, say, until


class Cluster:
    """Pods by name, each with its kind, its address and its containers; Services that know which are ready."""

    def __init__(self, manifests, services, folder):
        self.manifests, self.services, self.folder = manifests, services, folder
        self.pods = {}

    def start(self, kind, name, pod_name):
        """Starts a pod without waiting for anything."""
        self.manifests.play(kind, name, pod_name, self.folder)
        infra = podman("pod", "inspect", "-f", "{{.InfraContainerID}}", pod_name)
        address = json.loads(podman("inspect", "-f", "{{json .NetworkSettings.Networks}}", infra))[self.manifests.network]["IPAddress"]
        self.pods[pod_name] = {"kind": kind, "name": name, "address": address}

    def is_ready(self, pod_name):
        """By the readiness probes of the manifest, done from here."""
        pod = self.pods[pod_name]
        containers = self.manifests.template(pod["kind"], pod["name"])["containers"]
        return all(self.probe(pod_name, pod, container) for container in containers)

    def probe(self, pod_name, pod, container):
        probe = container.get("readinessProbe", {})
        ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
        if "httpGet" in probe:
            asked = probe["httpGet"]
            return get(f"http://{pod['address']}:{ports[asked['port']]}{asked['path']}", 4)[0] == 200
        if "tcpSocket" in probe:
            return get(f"http://{pod['address']}:{ports[probe['tcpSocket']['port']]}/", 4)[0] != 0
        command = ["podman", "exec", f"{pod_name}-{container['name']}", *probe["exec"]["command"]]
        return subprocess.run(command, capture_output=True).returncode == 0

    def wait_ready(self, pod_name, seconds=600):
        began = time.monotonic()
        until(f"{pod_name} is ready", lambda: self.is_ready(pod_name), seconds)
        self.endpoint(pod_name, True)
        return time.monotonic() - began

    def endpoint(self, pod_name, is_ready):
        pod = self.pods[pod_name]
        service = self.manifests.services().get(pod["name"])
        if not service:
            return
        port = self.manifests.target_port(pod["kind"], pod["name"], service["ports"][0]["targetPort"])
        ends = self.services.endpoints[pod["name"]]
        (ends.add if is_ready else ends.discard)((pod["address"], port))

    def kill(self, pod_name):
        """As when its machine loses power; the cluster notices after a moment."""
        podman("pod", "kill", pod_name)
        threading.Timer(1.0, lambda: self.endpoint(pod_name, False)).start()

    def end(self, pod_name):
        """As the kubelet ends a pod: its endpoint goes, the hooks before the stop run at once, then it is told."""
        pod = self.pods[pod_name]
        self.endpoint(pod_name, False)
        containers = self.manifests.template(pod["kind"], pod["name"])["containers"]
        with ThreadPoolExecutor() as hooks:
            list(hooks.map(lambda container: self.end_container(pod_name, container), containers))
        podman("pod", "rm", "--force", "--time", "5", pod_name)

    def end_container(self, pod_name, container):
        hook = container.get("lifecycle", {}).get("preStop", {})
        full_name = f"{pod_name}-{container['name']}"
        if "sleep" in hook:
            time.sleep(hook["sleep"]["seconds"])
        elif "exec" in hook:
            subprocess.run(["podman", "exec", full_name, *hook["exec"]["command"]], capture_output=True)
        podman("stop", "--time", "30", full_name, check=False)

    def run_job(self, kind, name, attempts=5):
        """Runs it to its end, again if it fails, as a Job does; gives what its last container said."""
        for _ in range(attempts):
            good, said = self.try_job(kind, name, f"{name}-1")
            if good:
                break
            say(f"  {name} failed, and runs again: {said}")
        return good, said

    def try_job(self, kind, name, pod_name):
        template = self.manifests.template(kind, name)
        containers = [f"{pod_name}-{one['name']}" for one in template.get("initContainers", []) + template["containers"]]
        try:
            self.start(kind, name, pod_name)
            podman("wait", containers[-1])
            status = podman("inspect", "-f", "{{.State.ExitCode}}", containers[-1])
        except SystemExit as error:
            # An init container ended with an error.
            status = str(error)
        logs = [subprocess.run(["podman", "logs", one], capture_output=True, text=True) for one in containers]
        podman("pod", "rm", "--force", pod_name, check=False)
        self.pods.pop(pod_name, None)
        if status == "0":
            return True, (logs[-1].stdout + logs[-1].stderr).strip()
        return False, f"{status}: " + " ".join((one.stdout + one.stderr).strip() for one in logs)
