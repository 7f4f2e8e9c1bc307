# What up, down and start share; sourced, not run.
#   CLUSTER_DIR         everything the cluster writes (default /var/tmp/listserv-cluster)
#   CLUSTER_ETCD_TMPFS  yes: etcd's data on tmpfs, so that slow disks cause no elections (default yes)
#   CLUSTER_DISK_MB     size of the disk each database has for itself; 0: they share the folder's (default 0)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
home=$(CDPATH='' cd -- "$here/../.." && pwd -P)
dir=${CLUSTER_DIR:-/var/tmp/listserv-cluster}
switch=ls-switch
pg=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)

members() { awk -v kind="${1:-}" '!/^#/ && NF == 3 && (kind == "" || $2 == kind) { print $1 }' "$here/topology"; }
kind() { awk -v name="$1" '$1 == name { print $2 }' "$here/topology"; }
address() { awk -v name="$1" '$1 == name { print $3 }' "$here/topology"; }
addresses() { for member in $(members "$1"); do printf '%s%s' "${2:-}" "$(address "$member")${3:-}"; done | sed "s/^${2:-}//"; }
within() { local name=$1; shift; ip netns exec "ls-$name" "$@"; }

# Waits for a condition, at most $1 seconds.
await() {
    local until=$((SECONDS + $1)); shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < until)) || return 1
        sleep 0.2
    done
}
die() { echo "cluster: $*" >&2; exit 1; }
