"""That manifests.py sees each kind of fault: good manifests with one thing broken."""

import copy
import sys

import yaml
from manifests import Manifests


def named(documents, kind, name):
    return next(one for one in documents if one["kind"] == kind and one["metadata"]["name"].startswith(name))


def spec(documents, kind="Deployment", name="api"):
    return named(documents, kind, name)["spec"]["template"]["spec"]


def cron(schedule):
    def add(documents):
        job = {"jobTemplate": {"spec": copy.deepcopy(named(documents, "Job", "load")["spec"])}, "schedule": schedule}
        documents.append({"kind": "CronJob", "metadata": {"name": "broken"}, "spec": job})

    return add


def scaled(name):
    """An autoscaler, which only the production overlay has."""
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}}
    return lambda documents: documents.append({"kind": "HorizontalPodAutoscaler", "metadata": {"name": name}, "spec": spec})


def without(kind, name):
    return lambda documents: documents.remove(named(documents, kind, name))


def by_an_operator(kind, name):
    """An ExternalSecret in place of a Secret, with one key only."""

    def replace(documents):
        secret = named(documents, kind, name)
        documents.remove(secret)
        spec = {"target": {"name": secret["metadata"]["name"]}, "data": [{"secretKey": "password"}]}
        documents.append({"kind": "ExternalSecret", "metadata": {"name": name}, "spec": spec})

    return replace


def put(get, key, value):
    return lambda documents: get(documents).__setitem__(key, value)


container = lambda documents: spec(documents)["containers"][0]
BROKEN = {
    "is no minute": cron("61 2 * * *"),
    "is no hour": cron("0 25 * * *"),
    "is no day": cron("0 2 0 * *"),
    "is no weekday": cron("0 2 * * mon-99"),
    "fields, not 5": cron("0 2 * *"),
    "is no quantity": put(lambda all: container(all)["resources"]["limits"], "memory", "64MiB"),
    "than its limit": put(lambda all: container(all)["resources"]["requests"], "memory", "64Gi"),
    "does not select its own pods": put(
        lambda all: named(all, "Deployment", "api")["spec"]["selector"]["matchLabels"], "app.kubernetes.io/name", "x"
    ),
    "there is no Secret airq-redis": without("Secret", "airq-redis"),
    "there is no ConfigMap airq-nginx": without("ConfigMap", "airq-nginx"),
    "there is no ServiceAccount airq-api": without("ServiceAccount", "airq-api"),
    "there is no Service postgres": without("Service", "postgres"),
    "there is no Deployment apis": scaled("apis"),
    "has no key password": lambda all: named(all, "Secret", "airq-redis")["data"].pop("password"),
    "leads to the port wrong": put(lambda all: named(all, "Service", "api")["spec"]["ports"][0], "targetPort", "wrong"),
    "which it has not": put(lambda all: container(all)["livenessProbe"]["httpGet"], "port", "admim"),
    "there is no volume secret": put(lambda all: container(all)["volumeMounts"][0], "name", "secret"),
    "has no version": put(container, "image", "docker.io/airq/airq"),
    "is none of theirs": put(
        lambda all: named(all, "NetworkPolicy", "api")["spec"]["ingress"][0]["ports"][0], "port", 8001
    ),
    "selects no pods: {'app.kubernetes.io/name': 'apis'}": put(
        lambda all: named(all, "Service", "api")["spec"]["selector"], "app.kubernetes.io/name", "apis"
    ),
    "there is no Service cache with the port 81": lambda all: all.append(
        {"kind": "HTTPRoute", "metadata": {"name": "airq"}, "spec": {
            "parentRefs": [], "rules": [{"backendRefs": [{"name": "cache", "port": 81}]}]}}
    ),
    "has no key url": by_an_operator("Secret", "airq-redis"),
    "is there twice": lambda all: all.append(copy.deepcopy(named(all, "Service", "api"))),
}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        good = list(yaml.safe_load_all(file))
    assert not Manifests(good).faults_found(), Manifests(good).faults_found()
    for wanted, break_it in BROKEN.items():
        broken = copy.deepcopy(good)
        break_it(broken)
        faults = Manifests(broken).faults_found()
        assert any(wanted in fault for fault in faults), f"{wanted!r} was not seen; seen was {faults}"
    print(f"{len(BROKEN)} kinds of fault are seen")


main()
