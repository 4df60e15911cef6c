#!/bin/sh
# Makes the passwords of an installation with compose, once, in the folder given: each lies where its service alone can
# read it. Those that are there are kept. Needs root, to give each file to the account that its image runs as.
set -eu
umask 077

make_up() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

give() { # FOLDER NAME ACCOUNT: standard input becomes FOLDER/NAME, in one step, for ACCOUNT alone
    mkdir -p "$1"
    chown "$3" "$1"
    cat > "$1/$2.new"
    chown "$3" "$1/$2.new"
    mv "$1/$2.new" "$1/$2"
}

hub=10001 postgres=999 grafana=472 prometheus=65534

[ -s "$1/postgres/password" ] || make_up | give "$1/postgres" password $postgres
printf 'postgres:5432:hub:hub:%s\n' "$(cat "$1/postgres/password")" | give "$1/hub" pgpass $hub

if [ -n "${GRAFANA_ADMIN_PASSWORD:-}" ]; then
    printf %s "$GRAFANA_ADMIN_PASSWORD" | give "$1/grafana" password $grafana
elif ! [ -s "$1/grafana/password" ]; then
    make_up | give "$1/grafana" password $grafana
fi

if [ -n "${METRICS_TOKEN:-}" ]; then
    printf %s "$METRICS_TOKEN" | give "$1/prometheus" metrics-token $prometheus
fi
