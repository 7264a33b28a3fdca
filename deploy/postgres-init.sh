#!/bin/sh
# Runs once, when the data is new. Who migrates owns the database and makes the roles of the services, and
# is no superuser.
set -eu
psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set password="$(cat /run/secrets/owner-password)" <<'SQL'
create role pacer_fetch login createrole password :'password';
create database pacer_fetch owner pacer_fetch;
SQL
