#!/usr/bin/env bash
# Push what the search made: the facts to the default branch, never forced; the rest to the one pull request. From the
# environment: DAY, PULL_REQUEST, GH_TOKEN. Outputs: facts (none, pushed, refused), waits (day of a notice that waits),
# pull_request, dispatch (workflow:branch ...).
set -euo pipefail
source .ci/month/common.sh

main() {
  local base old facts branch pushed kept='' state=none waits='' runs=''
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

# The job that read what strangers wrote holds no token; this one, which does, takes no more from it than facts for the
# default branch, and for the monthly one data beside what people changed on it themselves.
unpack() {
  local path
  local -A theirs=()
  facts=$base branch=$base
  if [ ! -e "$HANDOVER/month.bundle" ]; then return; fi
  git fetch --quiet "$HANDOVER/month.bundle" '+refs/month/*:refs/month/*'
  branch=$(git rev-parse refs/month/branch)
  facts=$(git rev-parse --verify --quiet refs/month/facts || printf '%s' "$base")
  changed "$base" "$facts"
  while read -r -d '' path; do
    is_fact "$path" || fail "$path is no fact of the tool: nothing is pushed."
  done <"$WORK/paths"
  if [ -n "$old" ] && git merge-base "$base" "$old" >/dev/null 2>&1; then
    changed "$base...$old"
    while read -r -d '' path; do theirs[$path]=1; done <"$WORK/paths"
  fi
  changed "$facts" "$branch"
  while read -r -d '' path; do
    case $path in data/*) continue ;; esac
    [ -n "${theirs[$path]:-}" ] || fail "$path is no data and nobody changed it on $BRANCH: nothing is pushed."
  done <"$WORK/paths"
}

deliver_branch() {
  step branch
  if [ -e "$HANDOVER/conflict" ]; then
    fail "$(cat "$HANDOVER/conflict") was changed on $BRANCH and on $DEFAULT_BRANCH: merge $DEFAULT_BRANCH into $BRANCH by hand (pull request #$PULL_REQUEST)."
  fi
  if [ "$(tip_of "$BRANCH")" != "$old" ]; then pushed=moved; else push_branch; fi
  case $pushed in
    yes) ;;
    moved) fail "Somebody pushed to $BRANCH while the month ran: run the workflow again." ;;
    *) fail "What waits for people could not be pushed to $BRANCH: see above." ;;
  esac
}

# Whatever the search made of the branch: what is overwritten here is this job's own, or stands in the default branch, or is
# kept under another name. The lease is on the very commit that was looked at.
push_branch() {
  local what=("$branch:refs/heads/$BRANCH")
  if [ -n "$old" ] && ! git merge-base --is-ancestor "$old" "$branch" && ! all_sealed "$base" "$old" && ! adds_nothing; then
    kept=$BRANCH-kept-${old:0:12}
    what+=("$old:refs/heads/$kept")
  fi
  push --atomic --force-with-lease="refs/heads/$BRANCH:$old" "${what[@]}"
}

adds_nothing() {
  [ "$(git merge-tree --write-tree "$facts" "$old")" = "$(git rev-parse "$facts^{tree}")" ]
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
  if [ -n "$kept" ]; then
    echo "What people committed to \`$BRANCH\` before this pull request is kept on the branch \`$kept\`."
    echo
  fi >>"$body"
  cat "$HANDOVER/body.md" >>"$body"
  if [ -n "${PULL_REQUEST:-}" ]; then
    gh pr comment "$PULL_REQUEST" --body-file "$body"
    return
  fi
  gh pr create --base "$DEFAULT_BRANCH" --head "$BRANCH" --title "$title" --body-file "$body" | tee "$WORK/url"
  output pull_request "$(sed -n 's|.*/pull/\([0-9]*\)$|\1|p' "$WORK/url" | tail -n 1)"
}

main "$@"
