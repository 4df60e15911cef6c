#!/bin/sh
# Makes the passwords of an installation with compose, once, in the two folders given: each lies where its service alone
# can read it. Those that are there are kept. Needs root, to give each file to the account that its image runs as.
#
# The second folder is for PostgreSQL and the migration: what stands there the services that serve never see.
set -eu
umask 077
keys=$1 owner=$2

make_up() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

give() { # FOLDER NAME ACCOUNT: standard input becomes FOLDER/NAME, in one step, for ACCOUNT alone
    mkdir -p "$1"
    chown "$3" "$1"
    cat > "$1/$2.new"
    chown "$3" "$1/$2.new"
    mv "$1/$2.new" "$1/$2"
}

once() { # the same, unless it is there
    if [ -s "$1/$2" ]; then cat > /dev/null; else give "$@"; fi
}

hub=10001 postgres=999 valkey=999 grafana=472 prometheus=65534

for each in password owner-password serving-password; do
    make_up | once "$owner/postgres" "$each" $postgres
done
serving="postgres:5432:hub:hub_app:$(cat "$owner/postgres/serving-password")"
echo "$serving" | give "$keys/hub" pgpass $hub
{
    echo "postgres:5432:hub:hub:$(cat "$owner/postgres/owner-password")"
    echo "$serving"
} | give "$owner/migrate" pgpass $hub

make_up | once "$keys/valkey" password $valkey
give "$keys/hub" redis-password $hub < "$keys/valkey/password"
printf 'requirepass %s\n' "$(cat "$keys/valkey/password")" | give "$keys/valkey" valkey.conf $valkey

if [ -n "${GRAFANA_ADMIN_PASSWORD:-}" ]; then
    printf %s "$GRAFANA_ADMIN_PASSWORD" | give "$keys/grafana" password $grafana
else
    make_up | once "$keys/grafana" password $grafana
fi

if [ -n "${METRICS_TOKEN:-}" ]; then
    printf %s "$METRICS_TOKEN" | give "$keys/prometheus" metrics-token $prometheus
else
    make_up | once "$keys/prometheus" metrics-token $prometheus
fi
give "$keys/hub" metrics-token $hub < "$keys/prometheus/metrics-token"
