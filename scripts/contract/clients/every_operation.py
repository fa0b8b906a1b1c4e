"""Calls every operation of the API with the generated Python client and compares the results with plain HTTP.

Usage: every_operation.py BASE_URL (with the folder of the package `airq_client` in PYTHONPATH)
"""

import importlib
import json
import pkgutil
import sys
from datetime import datetime
from urllib.request import urlopen

import airq_client.api
from airq_client.models import AirQualityEvery, AirQualityIndex, Problem

# The operations with the arguments that they need, and calls with more arguments.
ARGUMENTS = {
    "compliance": [{"year": 2016}],
    "station": [{"id": "aq_salvia"}],
    "air_quality": [
        {},
        {"city": ["Madrid"], "parameter": ["no2"], "limit": 5},
        {"city": ["Madrid"], "last": "24h"},
        {"city": ["Madrid"], "every": AirQualityEvery.VALUE_2, "tz": "Europe/Madrid", "index": AirQualityIndex.EAQI_2024},
    ],
}


def operations():
    """Yields the modules of all operations, by their names."""
    for group in pkgutil.iter_modules(airq_client.api.__path__):
        package = importlib.import_module(f"airq_client.api.{group.name}")
        for module in pkgutil.iter_modules(package.__path__):
            yield module.name, importlib.import_module(f"{package.__name__}.{module.name}")


def comparable(value):
    """Returns a JSON value whose times are instants, because the client parses times."""
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            return value
    return value


def check(name, module, client, arguments):
    response = module.sync_detailed(client=client, **arguments)
    call = f"{name}({arguments})"
    assert response.status_code == 200, f"{call}: {response.status_code} {response.content[:500]}"
    request = client.get_httpx_client().build_request(**module._get_kwargs(**arguments))
    with urlopen(str(request.url)) as plain:
        body = plain.read()
    assert not isinstance(response.parsed, Problem), call
    if isinstance(response.parsed, str):
        assert response.parsed == body.decode(), call
    else:
        assert response.parsed is not None, f"{call} has no type"
        assert comparable(response.parsed.to_dict()) == comparable(json.loads(body)), call
    print(f"python: {call}: {len(body)} bytes")


def main():
    client = airq_client.Client(base_url=sys.argv[1])
    called = set()
    for name, module in operations():
        called.add(name)
        for arguments in ARGUMENTS.get(name, [{}]):
            check(name, module, client, arguments)
    with urlopen(f"{sys.argv[1]}/openapi.json") as response:
        paths = json.load(response)["paths"]
    declared = {operation["get"]["operationId"] for operation in paths.values()}
    assert called == declared, f"called {sorted(called)}, declared {sorted(declared)}"
    unknown = importlib.import_module("airq_client.api.measurements.latest").sync(client=client, city=["Madird"])
    assert isinstance(unknown, Problem) and unknown.errors[0].nearest == ["Madrid"], unknown
    print(f"python: {len(called)} operations")


main()
