"""The images of ours, and the bases that stand in for those of registries."""

import os
import subprocess

from throwaway import ROOT, say


def version():
    shown = subprocess.run(["bash", "-c", ". ops/docker/names && echo $version"], cwd=ROOT, check=True, capture_output=True, text=True)
    return shown.stdout.strip()


def images(*bases):
    """The images by their short names in the manifests; those that are lacking are built on local bases."""
    bases = bases or ("redis", "nginx")
    subprocess.run([ROOT / "ops/docker/local-bases", *bases], check=True, stdout=subprocess.DEVNULL)
    for image in ("airq", "airq-postgres"):
        if subprocess.run(["podman", "image", "exists", f"localhost/{image}:{version()}"]).returncode:
            say(f"building {image} on local bases: minutes")
            subprocess.run([ROOT / "ops/docker/build", image], check=True, env={**os.environ, "BASES": "local"}, cwd=ROOT)
    local = {"redis": "redis", "nginx-unprivileged": "nginx"}
    if "monitoring" in bases:
        local |= {"postgres-exporter": "postgres-exporter", "redis_exporter": "redis-exporter", "node-exporter": "node-exporter"}
    ours = {image: f"localhost/{image}:{version()}" for image in ("airq", "airq-postgres")}
    return ours | {name: f"localhost/airq-base-{base}:latest" for name, base in local.items()}
