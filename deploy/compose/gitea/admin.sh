#!/bin/sh
# Makes the first account, olo; it is an administrator. What is there stays.
set -eu
gitea=${GITEA:-gitea}
if "$gitea" admin user list --admin | awk '{print $2}' | grep -qx olo; then
  echo "the account is there"
  exit 0
fi
"$gitea" admin user create --admin --username olo --email olo@example.org --must-change-password=false \
  --password "$GITEA_ADMIN_PASSWORD" >/dev/null
echo "the account olo is made"
