#!/bin/sh
# Secrets come as files, and the program reads variables: each file in /run/secrets whose name is in capitals becomes one.
set -eu
for file in "${OLORIN_SECRETS:-/run/secrets}"/[A-Z]*; do
    [ -f "$file" ] || continue
    name=${file##*/}
    case $name in *[!A-Z0-9_]*) continue ;; esac
    value=$(cat "$file")
    export "$name=$value"
done
exec "$@"
