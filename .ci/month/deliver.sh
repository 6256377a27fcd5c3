#!/usr/bin/env bash
# Push what the search made: the facts to the default branch, never forced; the rest to the one pull request. From the
# environment: DAY, PULL_REQUEST, GH_TOKEN. Outputs: facts (none, pushed, refused), waits (day of a notice that waits),
# pull_request, dispatch (workflow:branch ...).
set -euo pipefail
source .ci/month/common.sh

main() {
  local base old facts branch pushed state=none waits='' runs=''
  base=$(cat "$HANDOVER/base")
  old=$(cat "$HANDOVER/old")
  step facts
  unpack
  if [ "$facts" != "$base" ]; then
    push "$facts:refs/heads/$DEFAULT_BRANCH"
    case $pushed in
      yes) state=pushed runs="publish.yml:$DEFAULT_BRANCH ci.yml:$DEFAULT_BRANCH" ;;
      refused) state=refused waits=$(notice_waits "$base" "$facts") ;;
      moved) fail "Somebody pushed to $DEFAULT_BRANCH while the month ran: run the workflow again." ;;
      failed) fail "The facts of this month could not be pushed to $DEFAULT_BRANCH: see above." ;;
    esac
  fi
  if [ -n "$waits" ]; then runs="publish.yml:$DEFAULT_BRANCH"; fi # for the banner
  output facts "$state"
  output waits "$waits"
  output dispatch "$runs"
  output pull_request "${PULL_REQUEST:-}"
  if [ -e "$HANDOVER/people" ] || [ -e "$HANDOVER/conflict" ] || [ "$state" = refused ]; then
    deliver_branch
    output dispatch "${runs:+$runs }ci.yml:$BRANCH"
    step pull-request
    tell_people
  fi
}

# The job that read what strangers wrote holds no token; this one, which does, takes no more from it than facts.
unpack() {
  local path fact
  facts=$base branch=$base
  if [ ! -e "$HANDOVER/month.bundle" ]; then return; fi
  git fetch --quiet "$HANDOVER/month.bundle" '+refs/month/*:refs/month/*'
  branch=$(git rev-parse refs/month/branch)
  facts=$(git rev-parse --verify --quiet refs/month/facts || printf '%s' "$base")
  while read -r -d '' path; do
    for fact in "${FACTS[@]}" "$RUNS" ''; do
      case $path in "$fact" | "${fact:-none}"/*) break ;; esac
    done
    [ -n "$fact" ] || fail "$path is no fact of the tool: nothing is pushed."
  done < <(git diff -z --name-only "$base" "$facts")
}

deliver_branch() {
  step branch
  if [ -e "$HANDOVER/conflict" ]; then
    fail "$(cat "$HANDOVER/conflict") was changed on $BRANCH and on $DEFAULT_BRANCH: merge $DEFAULT_BRANCH into $BRANCH by hand (pull request #$PULL_REQUEST)."
  fi
  push --force-with-lease="refs/heads/$BRANCH:$old" "$branch:refs/heads/$BRANCH"
  case $pushed in
    yes) ;;
    moved) fail "Somebody pushed to $BRANCH while the month ran: run the workflow again." ;;
    *) fail "What waits for people could not be pushed to $BRANCH: see above." ;;
  esac
}

tell_people() {
  local title="Monthly update" body=$WORK/body.md
  : >"$body"
  if [ -n "$waits" ]; then
    title="Monthly update: a notice on an included study waits"
    printf '**A notice on an included study was found on %s and waits here**: %s is protected, the site says only that a notice waits. Merge this first.\n\n' \
      "$waits" "$DEFAULT_BRANCH" >>"$body"
  elif [ "$state" = refused ]; then
    printf '%s is protected: the facts of this search wait here too.\n\n' "$DEFAULT_BRANCH" >>"$body"
  fi
  cat "$HANDOVER/body.md" >>"$body"
  if [ -n "${PULL_REQUEST:-}" ]; then
    gh pr comment "$PULL_REQUEST" --body-file "$body"
    return
  fi
  gh pr create --base "$DEFAULT_BRANCH" --head "$BRANCH" --title "$title" --body-file "$body" | tee "$WORK/url"
  output pull_request "$(sed -n 's|.*/pull/\([0-9]*\)$|\1|p' "$WORK/url" | tail -n 1)"
}

main "$@"
