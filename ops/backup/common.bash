# What the backup scripts share: sourced by them. Needs bash and coreutils alone.
# shellcheck shell=bash

# Where backups go, how many days they stay, how many stay however old they are, and where Prometheus' node_exporter
# reads text files (none if empty).
backups=${AIRQ_BACKUPS:-/backups}
keep_days=${AIRQ_BACKUP_KEEP_DAYS:-14}
keep_least=${AIRQ_BACKUP_KEEP_LEAST:-3}
metrics=${AIRQ_BACKUP_METRICS-$backups/metrics}

# Debian's wrappers of PostgreSQL's programs choose a version by its own clusters; the newest one reads all of them.
for programs in /usr/lib/postgresql/*/bin; do PATH=$programs:$PATH; done

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
fail() { say "$*"; exit 1; }

# A name by which backups are in the order of time.
now() { date --utc +%Y%m%dT%H%M%SZ; }

# A password from a file becomes libpq's own variable: never an argument, which others could see.
take_password() {
  [ -z "${PGPASSWORD_FILE:-}" ] || { PGPASSWORD=$(< "$PGPASSWORD_FILE") && export PGPASSWORD; }
}

# Says that a backup of this kind is whole: `succeeded KIND WHAT BYTES`.
succeeded() {
  local kind=$1 size=$3
  say "$2, $size bytes"
  [ -n "$metrics" ] || return 0
  mkdir -p "$metrics"
  # Under another name until it is whole: it is read at any time.
  cat > "$metrics/.airq_backup_$kind" << END
# HELP airq_backup_last_success_timestamp_seconds When the last good backup was finished.
# TYPE airq_backup_last_success_timestamp_seconds gauge
airq_backup_last_success_timestamp_seconds{kind="$kind"} $(date +%s)
# HELP airq_backup_last_size_bytes The size of the last good backup.
# TYPE airq_backup_last_size_bytes gauge
airq_backup_last_size_bytes{kind="$kind"} $size
END
  chmod 644 "$metrics/.airq_backup_$kind"
  mv "$metrics/.airq_backup_$kind" "$metrics/airq_backup_$kind.prom"
}

# Removes the folders in here that are older than the days they stay, but never the newest few.
prune() {
  local folder=$1 old
  find "$folder" -mindepth 1 -maxdepth 1 -type d -name '2*Z' -printf '%f\n' | sort --reverse |
    tail --lines "+$((keep_least + 1))" | while read -r old; do
      [ -z "$(find "$folder/$old" -maxdepth 0 -mtime "+$((keep_days - 1))")" ] || { rm -r "${folder:?}/$old" && say "removed $old"; }
    done
}
