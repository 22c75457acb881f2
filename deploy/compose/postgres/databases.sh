#!/bin/sh
# A database and an owner for each service; all with the one password of .env.
set -eu
for name in hub polaris airflow mlflow marquez keycloak gitea superset openmetadata; do
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --set name="$name" --set password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
SQL
done
