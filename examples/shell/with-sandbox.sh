#!/bin/sh
# Runs a command with a Docker Hub of its own, in the place of the real one: with-sandbox.sh COMMAND [WORD…]
# It signs in as alice; the command's exit status is that of the script.
set -eu
folder=$(mktemp -d)
mkfifo "$folder/ready"
# WHARF says where wharf is; npx will not do: when it is killed, what it has started goes on.
"${WHARF:-wharf}" sandbox --port 0 --json --write-config "$folder/config.yaml" >"$folder/ready" &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null || true; wait "$sandbox" || true; rm -r "$folder"' EXIT
trap 'exit 130' INT TERM
# The line comes when the sandbox answers; where it cannot start, there is none.
read -r WHARF_SANDBOX <"$folder/ready"

# What the real one is signed in to with comes before the configuration: it is not for here.
for name in $(env | sed -nE 's/^((DOCKERHUB|DOCKER_HUB|DOCKER_SCOUT|HUB_PAT)_[A-Z_]+)=.*/\1/p'); do
  unset "$name"
done
export WHARF_SANDBOX WHARF_CONFIG="$folder/config.yaml"
export DOCKERHUB_USERNAME=alice DOCKERHUB_PASSWORD=alice-password
"$@"
