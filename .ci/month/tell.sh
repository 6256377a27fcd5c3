#!/usr/bin/env bash
# Tell how the month went. Red: a line in data/runs.log, an issue, one comment a month while it stays red. Green: the issue
# is closed. A notice that waits has an issue of its own, and this part ends with 20.
# From the environment: DAY, GH_TOKEN, of each job its _RESULT, _STEP, _CODE and _REASON, and FACTS_STATE, WAITS, PULL_REQUEST.
set -euo pipefail
source .ci/month/common.sh
RED=monthly-update-failed
WAITING=monthly-notice-waits

main() {
  local job='' name result failed='' code='' logged='' reason
  for name in SEARCH DELIVER DISPATCH; do
    result=${name}_RESULT
    case ${!result:-} in success | skipped) ;; *) job=$name && break ;; esac
  done
  if [ -n "$job" ]; then
    name=${job}_STEP && failed=${!name:-}
    name=${job}_CODE && code=${!name:-}
    result=${job}_RESULT
    failed=${failed:-${job,,}} code=${code:-${!result:-lost}}
    step log
    record_line
    step issue
    name=${job}_REASON reason=${!name:-}
    red_text >"$WORK/red.md"
    raise "$RED" "The monthly update failed" B60205 "the monthly search is red" "$WORK/red.md"
  else
    step issue
    settle "$RED" "Green again on $DAY: $(run_address)"
  fi
  if [ -n "${WAITS:-}" ]; then
    waiting_text >"$WORK/waiting.md"
    raise "$WAITING" "A notice on an included study waits" D93F0B "protected branch: people merge" "$WORK/waiting.md"
    echo "A notice on an included study, found on $WAITS, waits in pull request #${PULL_REQUEST:-?}." >&2
    exit 20
  elif [ -z "$job" ]; then
    settle "$WAITING" "No notice waits any more ($DAY)."
  fi
}

run_address() {
  printf '%s/%s/actions/runs/%s' "${GITHUB_SERVER_URL:-https://github.com}" "$GITHUB_REPOSITORY" "${GITHUB_RUN_ID:-}"
}

# ---- data/runs.log -------------------------------------------------------------------------------

# The line goes to the default branch, to the monthly branch where that is protected. It also keeps the schedule alive:
# GitHub ends those of repositories without a commit in 60 days.
record_line() {
  local line pushed
  line="$DAY $(printf '%s' "$failed" | tr -cd 'a-z-') $(printf '%s' "$code" | tr -cd 'a-z0-9')"
  add_line "$DEFAULT_BRANCH"
  case $pushed in
    yes) logged="noted in \`$RUNS\`" ;;
    refused)
      add_line "$BRANCH"
      if [ "$pushed" = yes ]; then logged="noted in \`$RUNS\` of the branch \`$BRANCH\`"; fi
      ;;
  esac
  logged=${logged:-"not noted in \`$RUNS\`: the line could not be pushed"}
}

add_line() { # branch
  local tip
  for _ in 1 2 3; do
    git_as_us fetch --quiet --prune origin '+refs/heads/*:refs/remotes/origin/*' || true
    tip=$(tip_of "$1")
    git switch --quiet --discard-changes --detach "${tip:-$(tip_of "$DEFAULT_BRANCH")}"
    if [ -e "$RUNS" ] && grep --quiet --fixed-strings --line-regexp "$line" "$RUNS"; then
      pushed=yes
      return
    fi
    mkdir -p "${RUNS%/*}"
    printf '%s\n' "$line" >>"$RUNS"
    git add -- "$RUNS"
    commit_sealed --message "A red month: $line"
    push "HEAD:refs/heads/$1"
    if [ "$pushed" != moved ]; then return; fi
  done
}

# ---- issues --------------------------------------------------------------------------------------

# Of our own label, which strangers can't set: an issue of theirs with the same title silences nothing.
open_issue() { # label
  gh api --method GET "repos/$GITHUB_REPOSITORY/issues" -f state=open -f labels="$1" \
    --jq '[.[] | select(.pull_request | not)][0].number // empty'
}

raise() { # label, title, colour, description, file
  local number marker="<!-- month ${DAY:0:7} -->" ours=".user.login == \"$BOT\""
  printf '\n%s\n' "$marker" >>"$5"
  gh label create "$1" --force --color "$3" --description "$4"
  number=$(open_issue "$1")
  if [ -z "$number" ]; then
    gh issue create --title "$2" --label "$1" --body-file "$5"
    return
  fi
  {
    gh api "repos/$GITHUB_REPOSITORY/issues/$number" --jq "select($ours) | .body"
    gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$number/comments?per_page=100" --jq ".[] | select($ours) | .body"
  } >"$WORK/told"
  if grep --quiet --fixed-strings "$marker" "$WORK/told"; then
    echo "issue #$number has this month's word already"
  else
    gh issue comment "$number" --body-file "$5"
  fi
}

settle() { # label, last word
  local number
  number=$(open_issue "$1")
  if [ -n "$number" ]; then
    gh issue close "$number" --comment "$2"
  fi
}

# ---- words ---------------------------------------------------------------------------------------

red_text() {
  case ${FACTS_STATE:-} in
    pushed) echo "The search of $DAY is complete and its facts are on \`$DEFAULT_BRANCH\`. What came after it failed." ;;
    refused) echo "The search of $DAY is complete. What came after it failed, and its facts may not have reached a pull request." ;;
    *) echo "The monthly search of $DAY failed. No record, no search and no date of a search of it was written: the review and its site stand as they were." ;;
  esac
  echo
  printf -- '- %s\n' "step: \`$failed\` ($(meaning_of_step))" "exit: $code$(meaning_of_exit)" "run: $(run_address)" "$logged"
  echo
  if [ -n "$reason" ]; then
    echo "What the step printed last:"
    echo
    echo '```'
    # Foreign text: it ends no fence.
    printf '%s\n' "${reason//\`\`\`/\'\'\'}"
    echo '```'
  else
    echo "No step told a reason: the run was cancelled, its machine was lost or its time was over. See the run."
  fi
  echo
  what_to_do
  echo "This issue gets one comment a month while the month stays red and is closed by the first green one."
}

meaning_of_step() {
  case $failed in
    look) echo "asking GitHub for the open pull request" ;;
    install) echo "installing the tool and its locked packages" ;;
    start) echo "taking over what waits on \`$BRANCH\`" ;;
    update) echo "\`review update\`: searching the sources" ;;
    commit) echo "making commits of what was found" ;;
    check) echo "\`review check --allow-suspended\`: problems in the review's files" ;;
    facts) echo "pushing the facts to \`$DEFAULT_BRANCH\`" ;;
    branch) echo "pushing what waits for people to \`$BRANCH\`" ;;
    pull-request) echo "opening the pull request, or commenting on it" ;;
    dispatch) echo "starting the workflows that publish and test" ;;
    *) echo "the job as a whole" ;;
  esac
}

meaning_of_exit() {
  case $failed:$code in
    *:124 | *:137) echo ", it took too long and was stopped" ;;
    *:cancelled) echo ", the run was cancelled or its time was over" ;;
    update:2) echo ", usage: a setting is missing" ;;
    update:30) echo ", a source failed" ;;
    update:40 | check:40) echo ", invalid data" ;;
    update:50) echo ", another update is running" ;;
  esac
}

what_to_do() {
  case $failed:$reason in
    *"Somebody pushed to "* | *" by hand (pull request #"*) return ;; # the reason says it
  esac
  case $failed:$code in
    update:30 | *:124 | *:137 | *:cancelled | *:lost) echo "Unless the lines above say otherwise, run the workflow again (Actions, update, Run workflow); a source that fails for days needs a person." ;;
    update:40 | check:40) echo "Mend the files that are named above, then run the workflow again." ;;
    facts:* | branch:* | pull-request:*) echo "Look at Settings, Actions, General, Workflow permissions: read and write, and pull requests allowed; then run the workflow again." ;;
    *) echo "Mend what is named above, then run the workflow again." ;;
  esac
}

waiting_text() {
  echo "The search of $WAITS found a retraction or correction of a study that this review includes. \`$DEFAULT_BRANCH\` is protected, so the notice waits in pull request #${PULL_REQUEST:-?}: the site still shows the study, and its banner says that a notice waits. Merge the pull request. This issue is closed by the first month in which none waits."
}

main "$@"
