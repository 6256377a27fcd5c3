#!/usr/bin/env bash
# A push with the job's token starts no workflow: start those that are due. From the environment: DISPATCH
# (workflow:branch ...), GH_TOKEN, which may start workflows and nothing else.
set -euo pipefail
source .ci/month/common.sh

main() {
  local one
  for one in ${DISPATCH:?}; do
    gh workflow run "${one%%:*}" --ref "${one#*:}"
  done
}

main "$@"
