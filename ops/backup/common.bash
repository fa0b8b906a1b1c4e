# Functions of the backup scripts, which source this file. Needs bash and coreutils; copies need rclone, and age if encrypted.
# shellcheck shell=bash

# The directory of backups, the days to keep them, the minimum number to keep regardless of age, and the directory of text files
# for the node_exporter of Prometheus (none if empty).
backups=${AIRQ_BACKUPS:-/backups}
keep_days=${AIRQ_BACKUP_KEEP_DAYS:-14}
keep_least=${AIRQ_BACKUP_KEEP_LEAST:-3}
metrics=${AIRQ_BACKUP_METRICS-$backups/metrics}
# The folder of what copies elsewhere need: rclone.conf, recipients, identity.
keys=${AIRQ_BACKUP_KEYS:-/keys}
export RCLONE_CONFIG=${RCLONE_CONFIG:-$keys/rclone.conf}

# The PostgreSQL wrappers of Debian choose a version by the local clusters. The newest version reads all of them.
for programs in /usr/lib/postgresql/*/bin; do PATH=$programs:$PATH; done

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
fail() { say "$*"; exit 1; }

# Prints a name that sorts by time.
now() { date --utc +%Y%m%dT%H%M%SZ; }

# The password of a file is passed in the variable of libpq, never as an argument, which other users could see.
take_password() {
  [ -z "${PGPASSWORD_FILE:-}" ] || { PGPASSWORD=$(< "$PGPASSWORD_FILE") && export PGPASSWORD; }
}

# Reports a complete backup: `succeeded KIND WHAT BYTES`.
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

# Copies a finished backup to $AIRQ_BACKUP_COPY, if that is set: `copy_out KIND FOLDER NAME`. The copy is one file, KIND-NAME.tar, or
# KIND-NAME.tar.age if the folder $AIRQ_BACKUP_KEYS has the file recipients. The target is one of rclone: a folder, or REMOTE:PATH of
# rclone.conf in the folder of keys (S3, SFTP, …).
copy_out() {
  [ -n "${AIRQ_BACKUP_COPY:-}" ] || return 0
  local file=$2/.copy target=${AIRQ_BACKUP_COPY%/}/$1-$3.tar seal=(cat) how="not encrypted"
  if [ -s "$keys/recipients" ]; then
    target+=.age how=encrypted
    seal=(age --encrypt --recipients-file "$keys/recipients")
  fi
  tar --create --directory "$2" "$3" | "${seal[@]}" > "$file"
  # It compares sizes and checksums.
  rclone --quiet --retries 3 copyto "$file" "$target" || { rm -f "$file"; fail "$target cannot be written"; }
  rm -f "$file"
  say "copied to $target, $how"
}

# Fetches a copy into a folder, the newest if the name is latest: `fetch_copy KIND NAME FOLDER`. The key is the file identity.
fetch_copy() {
  local kind=$1 name=$2 folder=$3 file open=(cat)
  [ "$name" != latest ] || name='2*'
  file=$(rclone --quiet lsf --include "/$kind-$name.tar*" "${AIRQ_BACKUP_COPY:?where the copies are}" | sort | tail -1)
  [ -n "$file" ] || fail "there is no copy $kind-$name in $AIRQ_BACKUP_COPY"
  say "fetching $file"
  case "$file" in *.age) open=(age --decrypt --identity "$keys/identity") ;; esac
  rclone --quiet cat "${AIRQ_BACKUP_COPY%/}/$file" | "${open[@]}" | tar --extract --no-same-owner --directory "$folder" ||
    fail "$file cannot be read"
}

# Removes directories that are older than the days to keep, but never the newest ones.
prune() {
  local folder=$1 old
  find "$folder" -mindepth 1 -maxdepth 1 -type d -name '2*Z' -printf '%f\n' | sort --reverse |
    tail --lines "+$((keep_least + 1))" | while read -r old; do
      [ -z "$(find "$folder/$old" -maxdepth 0 -mtime "+$((keep_days - 1))")" ] || { rm -r "${folder:?}/$old" && say "removed $old"; }
    done
}
