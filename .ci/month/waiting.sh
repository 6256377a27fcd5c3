#!/usr/bin/env bash
# For the site's banner: the day of a notice on an included study that waits on the monthly branch, since the default
# branch is protected. Output: day, or nothing.
set -euo pipefail
source .ci/month/common.sh

main() {
  local base tip day=''
  base=$(tip_of "$DEFAULT_BRANCH")
  tip=$(tip_of "$BRANCH")
  if [ -n "$tip" ]; then day=$(notice_waits "$base" "$tip"); fi
  if [[ $day =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]]; then
    output day "$day"
    echo "a notice of $day waits on $BRANCH"
  fi
}

main "$@"
