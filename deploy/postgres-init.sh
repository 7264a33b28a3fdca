#!/bin/sh
# Runs once, when the data directory is new. The user who migrates owns the database and creates the
# roles of the services, but is not a superuser.
set -eu
# By itself, so that a file that cannot be read ends this. It runs as the user postgres, whose copy it is.
password=$(cat /run/postgresql/owner-password)
if [ -z "$password" ]; then
    echo "the owner's password is empty" >&2
    exit 1
fi
psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set password="$password" <<'SQL'
create role pacer_fetch login createrole password :'password';
create database pacer_fetch owner pacer_fetch;
SQL
