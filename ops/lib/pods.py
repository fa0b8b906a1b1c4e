"""Manifests as podman can play them: what the controllers of a cluster would make of them, a pod each.

Podman's `play kube` takes pods. So a template becomes a pod; a Secret that is mounted becomes a ConfigMap with the same
files (podman 4.3 mounts a Secret undecoded, and no projected volume); a Service's name leads to the rehearsal's
balancer; probes and hooks stay with the rehearsal, which does what a kubelet does.
"""

import base64
import copy
import json
import os
import subprocess
import sys
from pathlib import Path


def podman(*words, check=True, **more):
    done = subprocess.run(["podman", *map(str, words)], capture_output=True, text=True, **more)
    if check and done.returncode:
        raise SystemExit(f"podman {' '.join(map(str, words))}: {done.stderr.strip()}")
    return done.stdout.strip()


def enter():
    """Runs this program again with a /sys/fs/cgroup that has only mounted controllers: podman fails on the folder of another one."""
    folders = [path for path in Path("/sys/fs/cgroup").iterdir() if path.is_dir()]
    mounted = [path.name for path in folders if path.is_mount()]
    if not mounted or len(mounted) == len(folders):
        return
    script = """
        mount -t tmpfs cgroups /mnt
        for one in $1; do mkdir "/mnt/$one"; mount --bind "/sys/fs/cgroup/$one" "/mnt/$one"; done
        mount --rbind /mnt /sys/fs/cgroup
        shift
        exec "$@"
    """
    words = ["unshare", "--mount", "--propagation", "private", "bash", "-euc", script, "enter", " ".join(mounted)]
    os.execvp("unshare", [*words, sys.executable, *sys.argv])


class Manifests:
    def __init__(self, documents, images, network):
        self.documents = {(one["kind"], one["metadata"]["name"]): one for one in documents if one}
        self.images = images
        self.network = network
        # Where each Service is: its name, and its address.
        self.addresses = {}

    def job(self, name):
        """The whole name of a job: its version is in it."""
        return next(whole for kind, whole in self.documents if kind == "Job" and whole.startswith(name))

    def services(self):
        return {name: one["spec"] for (kind, name), one in self.documents.items() if kind == "Service"}

    def template(self, kind, name):
        spec = self.documents[kind, name]["spec"]
        if kind == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        return spec["template"]["spec"]

    def target_port(self, kind, name, port_name):
        ports = [port for one in self.template(kind, name)["containers"] for port in one.get("ports", [])]
        return next(port["containerPort"] for port in ports if port["name"] == port_name)

    def play(self, kind, name, pod_name, folder):
        """Starts a pod of this template."""
        template = self.template(kind, name)
        spec = {
            "restartPolicy": template.get("restartPolicy", "Always"),
            "hostAliases": [{"ip": address, "hostnames": [name]} for name, address in self.addresses.items()],
            "volumes": [],
        }
        maps = self.mounted(template, pod_name, spec["volumes"], self.documents[kind, name], folder)
        for part in ("initContainers", "containers"):
            if template.get(part):
                spec[part] = [self.container(one, template.get("securityContext", {})) for one in template[part]]
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod_name, "labels": {"app": name, "network": self.network}}, "spec": spec}
        path = folder / f"{pod_name}.json"
        path.write_text("\n---\n".join(json.dumps(one) for one in [*maps, pod]))
        path.chmod(0o600)
        podman("play", "kube", "--network", self.network, path)

    def container(self, container, pod_security):
        kept = ("name", "image", "command", "args", "env", "envFrom", "volumeMounts")
        made = {key: copy.deepcopy(container[key]) for key in kept if key in container}
        for one in made.get("env", []):
            reference = one.get("valueFrom", {}).get("configMapKeyRef")
            if reference:
                del one["valueFrom"]
                one["value"] = self.documents["ConfigMap", reference["name"]]["data"][reference["key"]]
        made["image"] = self.images[made["image"].rsplit("/", 1)[-1].split(":")[0]]
        inherited = {key: pod_security[key] for key in ("runAsUser", "runAsGroup") if key in pod_security}
        made["securityContext"] = {**inherited, **container.get("securityContext", {})}
        limit = container.get("resources", {}).get("limits", {}).get("memory")
        if limit:
            made["resources"] = {"limits": {"memory": limit}}
        return made

    def mounted(self, template, pod_name, volumes, document, folder):
        """The volumes, and the ConfigMaps that they and the environment need."""
        maps = [
            self.documents["ConfigMap", source["configMapRef"]["name"]]
            for container in template["containers"]
            for source in container.get("envFrom", [])
        ]
        for volume in template.get("volumes", []):
            name, files = volume["name"], self.files(volume)
            if "persistentVolumeClaim" in volume:
                self.owned_volume(volume["persistentVolumeClaim"]["claimName"], template)
                claim = {"claimName": self.network + "-" + volume["persistentVolumeClaim"]["claimName"]}
                volumes.append({"name": name, "persistentVolumeClaim": claim})
            elif not files:
                volumes.append({"name": name, "hostPath": {"path": self.empty_folder(folder / "empty" / pod_name / name)}})
            else:
                map_name = f"{self.network}-{pod_name}-{name}"
                maps.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": map_name}, "data": files})
                volumes.append({"name": name, "configMap": {"name": map_name}})
        for claim in document["spec"].get("volumeClaimTemplates", []):
            claim_name = f"{self.network}-{claim['metadata']['name']}-{pod_name}"
            volumes.append({"name": claim["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim_name}})
        return maps

    def empty_folder(self, path):
        """Everybody's, as a cluster makes them; podman's own take the owner of what they cover."""
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o777)
        return str(path)

    def owned_volume(self, claim, template):
        """A new volume is its group's, as fsGroup wants."""
        name = f"{self.network}-{claim}"
        if podman("volume", "exists", name, check=False) == "" and name not in podman("volume", "ls", "-q").split():
            podman("volume", "create", name)
            folder = podman("volume", "inspect", "-f", "{{.Mountpoint}}", name)
            group = template["securityContext"].get("fsGroup", 0)
            os.chown(folder, -1, group)
            os.chmod(folder, 0o2775)

    def files(self, volume):
        """The files of a Secret or a ConfigMap that is mounted; nothing for another volume."""
        if "projected" in volume:
            found = {}
            for source in volume["projected"]["sources"]:
                found.update(self.files(source))
            return found
        for field, kind in (("secret", "Secret"), ("configMap", "ConfigMap")):
            if field in volume:
                source = volume[field]
                document = self.documents.get((kind, source.get("secretName") or source["name"]))
                if document is None and source.get("optional"):
                    return {}
                data = document["data"]
                if kind == "Secret":
                    data = {key: base64.b64decode(value).decode() for key, value in data.items()}
                items = source.get("items")
                return {item["path"]: data[item["key"]] for item in items} if items else dict(data)
        return None
