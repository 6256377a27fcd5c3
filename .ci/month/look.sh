#!/usr/bin/env bash
# Which pull request of the monthly branch is open. Of this repository alone: anybody's fork may have a branch of this
# name, and many of them may push ours off the first page of a list that is filtered afterwards.
set -euo pipefail
source .ci/month/common.sh

main() {
  local number
  number=$(gh api --method GET "repos/$GITHUB_REPOSITORY/pulls" -f state=open \
    -f head="${GITHUB_REPOSITORY%%/*}:$BRANCH" -f base="$DEFAULT_BRANCH" \
    --jq '.[0].number // empty')
  output day "$DAY"
  output pull_request "$number"
  echo "the month of $DAY; open pull request: ${number:-none}"
}

main "$@"
