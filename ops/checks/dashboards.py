"""Grafana's dashboards: no field that Grafana does not know, by its own SDK's types; each query parsed by promtool."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard


def unknown(given, known, path=""):
    """The fields of what was given that are not in what the SDK made of it."""
    if isinstance(given, dict):
        for name, value in given.items():
            if not isinstance(known, dict) or name not in known:
                yield f"{path}.{name}"
            else:
                yield from unknown(value, known[name], f"{path}.{name}")
    elif isinstance(given, list):
        for index, (one, other) in enumerate(zip(given, known)):
            yield from unknown(one, other, f"{path}[{index}]")
        if len(given) != len(known):
            yield f"{path} has another length"
    elif given != known:
        yield f"{path}: {given!r} became {known!r}"


def queries(dashboard):
    """Each query with its place, as Prometheus would get it."""
    for panel in dashboard["panels"]:
        for target in (one for one in panel["targets"] if "expr" in one):
            yield f"{dashboard['title']} / {panel['title']} / {target['refId']}", target["expr"].replace(
                "$__rate_interval", "1m"
            )


def check(path):
    given = json.loads(path.read_text(encoding="utf-8"))
    known = json.loads(JSONEncoder().encode(Dashboard.from_json(given)))
    faults = [f"{path}: {fault}" for fault in unknown(given, known)]
    rules = [{"record": f"query:{number}", "expr": query} for number, (_, query) in enumerate(queries(given))]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"groups": [{"name": path.stem, "rules": rules}]}, file)
        file.flush()
        promtool = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True, check=False)
    if promtool.returncode != 0:
        faults.append(f"{path}: {promtool.stderr}{promtool.stdout}")
    return faults


def main():
    register_default_plugins()
    faults = [fault for path in sorted(Path(sys.argv[1]).glob("*.json")) for fault in check(path)]
    print("\n".join(faults))
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
