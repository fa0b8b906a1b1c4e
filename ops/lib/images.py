"""The images of ours, and the bases that stand in for those of registries."""

import os
import subprocess

from throwaway import ROOT


def version():
    shown = subprocess.run(["bash", "-c", ". ops/docker/names && echo $version"], cwd=ROOT, check=True, capture_output=True, text=True)
    return shown.stdout.strip()


def images(*bases):
    """The images by their short names in the manifests. Ours are built of these sources on local bases; what has not changed is cached."""
    bases = bases or ("redis", "nginx")
    subprocess.run([ROOT / "ops/docker/local-bases", *bases], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([ROOT / "ops/docker/build"], check=True, env={**os.environ, "BASES": "local", "ENGINE": "podman"}, cwd=ROOT,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    local = {"redis": "redis", "nginx-unprivileged": "nginx"}
    if "monitoring" in bases:
        local |= {"postgres-exporter": "postgres-exporter", "redis_exporter": "redis-exporter", "node-exporter": "node-exporter"}
    ours = {image: f"localhost/{image}:{version()}" for image in ("airq", "airq-postgres")}
    return ours | {name: f"localhost/airq-base-{base}:latest" for name, base in local.items()}
