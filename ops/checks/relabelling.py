"""What prometheus-kubernetes.yml makes of pods: their discovery is put in place of Kubernetes' as a file."""

import json
import subprocess
import sys
from pathlib import Path

import yaml

# A pod's name, its label, the port that it wants to be asked at, the ports that it has; then its job and instance.
PODS = [
    ("api-7d-x", "api", "9464", ["9464", "8000"], ("airq-api", "10.0.0.1:9464")),
    ("cache-5c-y", "cache", "9464", ["9464", "8000"], ("airq-cache", "10.0.0.1:9464")),
    ("postgres-exporter-1", "postgres-exporter", "9187", ["9187"], ("postgres", "10.0.0.1:9187")),
    ("redis-exporter-1", "redis-exporter", "9121", ["9121"], ("redis", "10.0.0.1:9121")),
    ("backup-metrics-1", "backup-metrics", "9100", ["9100"], ("backup-metrics", "10.0.0.1:9100")),
    ("postgres-0", "postgres", None, ["5432"], None),
]


def target(name, label, wanted, port):
    labels = {
        "__meta_kubernetes_pod_name": name,
        "__meta_kubernetes_pod_label_app_kubernetes_io_name": label,
        "__meta_kubernetes_pod_container_port_number": port,
        "__meta_kubernetes_pod_phase": "Running",
    }
    if wanted:
        labels["__meta_kubernetes_pod_annotation_prometheus_io_scrape"] = "true"
        labels["__meta_kubernetes_pod_annotation_prometheus_io_port"] = wanted
    return {"targets": [f"10.0.0.1:{port}"], "labels": labels}


def discovered(configuration, seconds):
    command = ["promtool", "check", "service-discovery", f"--timeout={seconds}s", configuration, "pods"]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    kept = [one["labels"] for one in answer if one.get("labels")]
    return {(one["instance"], one["job"], one["__address__"]) for one in kept}


def main():
    folder = Path(sys.argv[1])
    config = yaml.safe_load(Path("prometheus-kubernetes.yml").read_text(encoding="utf-8"))
    pods = folder / "pods.json"
    pods.write_text(json.dumps([target(*pod[:3], port) for pod in PODS for port in pod[3]]))
    # Nodes are not pods, and only a cluster has a token.
    is_of_nodes = lambda job: any(one["role"] == "node" for one in job.get("kubernetes_sd_configs", []))
    config["scrape_configs"] = [job for job in config["scrape_configs"] if not is_of_nodes(job)]
    for job in config["scrape_configs"]:
        if job.pop("kubernetes_sd_configs", None):
            job["file_sd_configs"] = [{"files": [str(pods)]}]
    config["rule_files"] = [str(Path.cwd() / "rules/*.yml")]
    made = folder / "prometheus.json"
    made.write_text(json.dumps(config))
    subprocess.run(["promtool", "check", "config", made], check=True, stdout=subprocess.DEVNULL)
    wanted = {(name, *where) for name, *_, where in PODS if where}
    # promtool listens to the discovery for as long as its time limit, which is short on a busy machine.
    for seconds in (2, 10, 60):
        got = discovered(made, seconds)
        if got:
            break
    if got != wanted:
        sys.exit(f"prometheus-kubernetes.yml: pods became {sorted(got)}, not {sorted(wanted)}")


main()
