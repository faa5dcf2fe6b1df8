#!/usr/bin/env bash
# Installs what Entente needs beside Rust: PostgreSQL's programs and a C compiler. Does nothing where they are there.
set -euo pipefail

have_postgres() {
    command -v initdb >/dev/null && return 0
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && return 0
    compgen -G '/usr/pgsql-*/bin/initdb' >/dev/null && return 0
    compgen -G '/opt/homebrew/opt/postgresql*/bin/initdb' >/dev/null && return 0
    compgen -G '/usr/local/opt/postgresql*/bin/initdb' >/dev/null
}

missing=()
have_postgres || missing+=(postgresql)
command -v cc >/dev/null || missing+=(compiler)
[ ${#missing[@]} -eq 0 ] && exit 0

echo "Installing ${missing[*]} …"
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
if command -v apt-get >/dev/null; then
    "${as_root[@]}" apt-get update -qq
    # Debian would start a server of its own; ours is private.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql-common >/dev/null
    echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql postgresql-contrib gcc libc6-dev >/dev/null
elif command -v dnf >/dev/null; then
    "${as_root[@]}" dnf install -y -q postgresql-server postgresql-contrib gcc
elif command -v brew >/dev/null; then
    brew install --quiet postgresql@17
else
    echo "Please install PostgreSQL 15 or newer and a C compiler: no known package manager was found." >&2
    exit 1
fi
