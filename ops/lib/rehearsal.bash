# Functions of the rehearsals in bash, which source this file from the root of the project.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

# Prints what was seen, and ends the rehearsal unless it matches: `row WHAT SEEN PATTERN`, a whole extended regular expression.
row() {
  local good=ok
  [[ $2 =~ ^($3)$ ]] || good='NOT OK'
  printf '%s: %s: %s\n' "$good" "$1" "$2"
  [ "$good" = ok ] || { say "expected: $3"; exit 1; }
}

# The time since $1, a value of EPOCHREALTIME.
took() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", b - a }'; }

# Waits until a command succeeds: `until_so SECONDS WHAT COMMAND…`.
until_so() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { say "still not: $what"; return 1; }
    sleep 0.2
  done
}

# Ends the rehearsal as one that this machine cannot run: `skip WHY`.
skip() {
  printf 'skipped: %s\n' "$*"
  exit 77
}

# A port that no server has.
free_port() { PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=ops/lib python3 -c 'from throwaway import free_port; print(free_port())'; }

# A program of ours, as ops/lib/throwaway.py finds it: `airq_program airq-cli`.
airq_program() { PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=ops/lib python3 -c 'import sys; from throwaway import airq; print(airq(sys.argv[1]))' "$1"; }
