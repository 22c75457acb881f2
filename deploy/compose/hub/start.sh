#!/bin/sh
# The identity provider has one address for browsers and for the Hub, http://localhost:8081: in here, it is carried to Keycloak.
set -eu
socat TCP-LISTEN:8081,bind=127.0.0.1,fork,reuseaddr TCP:keycloak:8080 &
exec jupyterhub --config /etc/jupyterhub/compose_config.py
