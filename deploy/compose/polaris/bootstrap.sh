#!/bin/sh
# Makes Polaris' realm and its root principal. The tool fails where both are there: at every start but the first, and that is fine.
set -u
tool=${POLARIS_TOOL:-/opt/jboss/container/java/run/run-java.sh}
said=$("$tool" bootstrap --realm=POLARIS "--credential=POLARIS,$POLARIS_CLIENT_ID,$POLARIS_CLIENT_SECRET" 2>&1)
code=$?
case $said in
  *ALREADY_EXISTS* | *"already been bootstrapped"*) echo "the realm is there"; exit 0 ;;
esac
[ "$code" -eq 0 ] || printf '%s\n' "$said" >&2
exit "$code"
