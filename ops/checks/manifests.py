"""What no schema sees in Kubernetes manifests: names that lead nowhere, and strings that are no schedule or quantity.

`manifests.py FILE [--outside KIND/NAME…]` reads rendered manifests, prints each fault as a line, and fails if there is
one. --outside names what operators make themselves.
"""

import argparse
import re
import sys

import yaml

QUANTITY = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+)?$")
# The fields of a schedule, each with its least and greatest number.
CRON = [("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7)]
QUANTITY_PLACES = ("requests", "limits")


def walk(node, path=""):
    """Every mapping below a node, with its path."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from walk(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, f"{path}[{index}]")


class Manifests:
    def __init__(self, documents, outside=()):
        self.documents = [document for document in documents if document]
        self.documents += [secret_of(document) for document in self.documents if document["kind"] == "ExternalSecret"]
        self.outside = set(outside)
        self.faults = []

    def faults_found(self):
        self.twice()
        for document in self.documents:
            self.document = document
            self.quantities()
            self.schedule()
            self.anchors()
            pod = self.pod()
            if pod:
                self.labels(pod)
                self.pod_references(pod.get("spec", {}))
            self.kind_of(document["kind"])
        return self.faults

    def fault(self, what):
        self.faults.append(f"{self.document['kind']}/{self.document['metadata']['name']}: {what}")

    def kind_of(self, kind):
        check = {
            "Service": self.service,
            "Ingress": self.ingress,
            "HorizontalPodAutoscaler": self.autoscaler,
            "PodDisruptionBudget": self.budget,
            "NetworkPolicy": self.policy,
            "StatefulSet": self.stateful_set,
            "HTTPRoute": self.route,
        }.get(kind)
        if check:
            check()

    def named(self, kind, name):
        if f"{kind}/{name}" in self.outside:
            return True
        found = [one for one in self.documents if (one["kind"], one["metadata"]["name"]) == (kind, name)]
        return found[0] if found else None

    def must_exist(self, kind, name, optional=False):
        if name and not optional and not self.named(kind, name):
            self.fault(f"there is no {kind} {name}")

    def twice(self):
        seen = set()
        for self.document in self.documents:
            name = (self.document["kind"], self.document["metadata"].get("namespace"), self.document["metadata"]["name"])
            if name in seen:
                self.fault("is there twice")
            seen.add(name)

    def quantities(self):
        for path, node in walk(self.document):
            for place in QUANTITY_PLACES:
                for name, value in (node.get(place) or {}).items() if isinstance(node.get(place), dict) else ():
                    self.quantity(f"{path}.{place}.{name}", value)
            for name in ("sizeLimit", "averageValue"):
                if name in node:
                    self.quantity(f"{path}.{name}", node[name])
            self.least_and_most(path, node)

    def quantity(self, path, value):
        if not QUANTITY.match(str(value)):
            self.fault(f"{path}: {value!r} is no quantity")

    def least_and_most(self, path, node):
        requests, limits = node.get("requests"), node.get("limits")
        if not isinstance(requests, dict) or not isinstance(limits, dict):
            return
        for name in requests.keys() & limits.keys():
            least, most = size(requests[name]), size(limits[name])
            if least is not None and most is not None and least > most:
                self.fault(f"{path}: requests more {name} than its limit")

    def schedule(self):
        text = self.document.get("spec", {}).get("schedule") if self.document["kind"] == "CronJob" else None
        if text is None or re.fullmatch(r"@(yearly|annually|monthly|weekly|daily|midnight|hourly)", str(text)):
            return
        fields = str(text).split()
        if len(fields) != len(CRON):
            self.fault(f"schedule: {text!r} has {len(fields)} fields, not {len(CRON)}")
            return
        for field, (name, least, most) in zip(fields, CRON):
            if not all(cron_part(part, least, most) for part in field.split(",")):
                self.fault(f"schedule: {field!r} is no {name}")

    def anchors(self):
        """An image without a version is another one tomorrow."""
        for path, node in walk(self.document):
            image = node.get("image")
            if isinstance(image, str) and (":" not in image.rsplit("/", 1)[-1] or image.endswith(":latest")):
                self.fault(f"{path}: the image {image} has no version")

    def pod(self, document=None):
        document = document or self.document
        spec = document.get("spec") or {}
        if document["kind"] == "CronJob":
            spec = spec.get("jobTemplate", {}).get("spec", {})
        if document["kind"] == "Pod":
            return document
        return spec.get("template")

    def pods(self):
        return [(document, pod) for document in self.documents if (pod := self.pod(document))]

    def selected(self, labels):
        def is_selected(pod):
            own = pod.get("metadata", {}).get("labels") or {}
            return all(own.get(name) == value for name, value in labels.items())

        return [pod for _, pod in self.pods() if is_selected(pod)]

    def labels(self, pod):
        wanted = (self.document["spec"].get("selector") or {}).get("matchLabels")
        own = pod.get("metadata", {}).get("labels") or {}
        if wanted and any(own.get(name) != value for name, value in wanted.items()):
            self.fault(f"its selector {wanted} does not select its own pods {own}")

    def pod_references(self, spec):
        self.must_exist("ServiceAccount", spec.get("serviceAccountName"))
        volumes = {volume["name"] for volume in spec.get("volumes") or []}
        claims = {claim["metadata"]["name"] for claim in self.document["spec"].get("volumeClaimTemplates") or []}
        for volume in spec.get("volumes") or []:
            self.volume(volume)
        for container in (spec.get("initContainers") or []) + (spec.get("containers") or []):
            self.environment(container)
            self.container_ports(container)
            for mount in container.get("volumeMounts") or []:
                if mount["name"] not in volumes | claims:
                    self.fault(f"container {container['name']}: there is no volume {mount['name']}")

    def volume(self, volume):
        claim = volume.get("persistentVolumeClaim")
        if claim:
            self.must_exist("PersistentVolumeClaim", claim["claimName"])
        for source in [volume] + (volume.get("projected") or {}).get("sources", []):
            for field, kind in (("secret", "Secret"), ("configMap", "ConfigMap")):
                if field in source:
                    self.keys(kind, source[field])

    def keys(self, kind, source):
        name = source.get("secretName") or source.get("name")
        self.must_exist(kind, name, source.get("optional"))
        for item in source.get("items") or []:
            self.key(kind, name, item["key"])

    def key(self, kind, name, key):
        found = self.named(kind, name)
        if isinstance(found, dict):
            there = {**(found.get("data") or {}), **(found.get("stringData") or {}), **(found.get("binaryData") or {})}
            if key not in there:
                self.fault(f"{kind} {name} has no key {key}")

    def environment(self, container):
        for source in container.get("envFrom") or []:
            for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                if field in source:
                    self.must_exist(kind, source[field]["name"], source[field].get("optional"))
        for variable in container.get("env") or []:
            for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                reference = (variable.get("valueFrom") or {}).get(field)
                if reference:
                    self.must_exist(kind, reference["name"], reference.get("optional"))
                    self.key(kind, reference["name"], reference["key"])

    def container_ports(self, container):
        names = {port.get("name") for port in container.get("ports") or []}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            for way in ("httpGet", "tcpSocket"):
                port = (container.get(probe) or {}).get(way, {}).get("port")
                if isinstance(port, str) and port not in names:
                    self.fault(f"container {container['name']}: {probe} asks the port {port}, which it has not")

    def service(self):
        selector = self.document["spec"].get("selector")
        if not selector:
            return
        pods = self.selected(selector)
        if not pods:
            self.fault(f"selects no pods: {selector}")
        for port in self.document["spec"].get("ports") or []:
            wanted = port.get("targetPort", port["port"])
            for pod in pods:
                if wanted not in ports_of(pod):
                    self.fault(f"leads to the port {wanted}, which {selector} has not")

    def ingress(self):
        for path, node in walk(self.document):
            if path.endswith(".service"):
                self.must_exist("Service", node["name"])

    def route(self):
        for parent in self.document["spec"]["parentRefs"]:
            self.must_exist("Gateway", parent["name"])
        for rule in self.document["spec"]["rules"]:
            for backend in rule["backendRefs"]:
                service = self.named("Service", backend["name"])
                if not service or backend["port"] not in [port["port"] for port in service["spec"]["ports"]]:
                    self.fault(f"there is no Service {backend['name']} with the port {backend['port']}")

    def autoscaler(self):
        target = self.document["spec"]["scaleTargetRef"]
        self.must_exist(target["kind"], target["name"])

    def stateful_set(self):
        self.must_exist("Service", self.document["spec"].get("serviceName"))

    def budget(self):
        labels = self.document["spec"]["selector"]["matchLabels"]
        if not self.selected(labels):
            self.fault(f"selects no pods: {labels}")

    def policy(self):
        """A policy must speak of pods that are there, and of ports that they have."""
        own = self.pods_of(self.document["spec"].get("podSelector"))
        for direction, field in (("ingress", "from"), ("egress", "to")):
            for rule in self.document["spec"].get(direction) or []:
                others = self.peers(rule.get(field) or [])
                receiving = own if direction == "ingress" else others
                for port in rule.get("ports") or []:
                    if receiving and not any(port["port"] in ports_of(pod) for pod in receiving):
                        self.fault(f"{direction}: the port {port['port']} is none of theirs")

    def peers(self, peers):
        inside = [peer for peer in peers if "podSelector" in peer and "namespaceSelector" not in peer]
        return [pod for peer in inside for pod in self.pods_of(peer["podSelector"])]

    def pods_of(self, selector):
        selector = selector or {}
        pods = self.selected(selector.get("matchLabels") or {})
        for rule in selector.get("matchExpressions") or []:
            for value in rule.get("values") or []:
                if rule["operator"] == "In" and not self.selected({rule["key"]: value}):
                    self.fault(f"selects no pods: {rule['key']}={value}")
            pods = [pod for pod in pods if pod["metadata"].get("labels", {}).get(rule["key"]) in rule.get("values", [])]
        if selector and not pods:
            self.fault(f"selects no pods: {selector}")
        return pods


def secret_of(external):
    """The Secret that the External Secrets Operator makes of an ExternalSecret."""
    spec = external["spec"]
    keys = {one["secretKey"]: "" for one in spec["data"]}
    return {"kind": "Secret", "metadata": {**external["metadata"], "name": spec["target"]["name"]}, "data": keys}


def ports_of(pod):
    containers = pod["spec"].get("containers") or []
    ports = [port for container in containers for port in container.get("ports") or []]
    return {port.get("name") for port in ports} | {port["containerPort"] for port in ports}


def cron_part(part, least, most):
    match = re.fullmatch(r"(\*|\d+(?:-\d+)?)(?:/(\d+))?", part)
    if not match or match.group(2) == "0":
        return False
    numbers = [int(number) for number in re.findall(r"\d+", match.group(1))]
    return all(least <= number <= most for number in numbers) and numbers == sorted(numbers)


def size(text):
    """A quantity as a number; nothing if it is none."""
    match = QUANTITY.match(str(text))
    if not match:
        return None
    units = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
    return float(match.group(1)) * units.get(match.group(2), 1)


def main():
    parser = argparse.ArgumentParser(description="Faults in Kubernetes manifests that no schema sees")
    parser.add_argument("file")
    parser.add_argument("--outside", nargs="*", default=[], metavar="KIND/NAME")
    asked = parser.parse_args()
    with open(asked.file, encoding="utf-8") as file:
        faults = Manifests(yaml.safe_load_all(file), asked.outside).faults_found()
    for fault in faults:
        print(f"{asked.file}: {fault}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
