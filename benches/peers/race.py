"""Runs the races that JOBS selects and updates their sections of docs/peers.md."""

import os
import sys

import convert
import queries

RACES = {"convert": [convert.main], "queries": [queries.main], "all": [convert.main, queries.main]}

jobs = os.environ.get("JOBS", "all")
if jobs not in RACES:
    sys.exit(f"invalid value '{jobs}' for JOBS: expected one of {', '.join(RACES)}")
for race in RACES[jobs]:
    race()
