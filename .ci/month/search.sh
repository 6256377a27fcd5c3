#!/usr/bin/env bash
# Search, and make two commits of what came: the tool's facts on the default branch, and on top of them what waits for
# people. Nothing is pushed here. From the environment: DAY, PULL_REQUEST (open, or empty), REVIEW (the command).
set -euo pipefail
source .ci/month/common.sh
REVIEW=${REVIEW:-.venv/bin/review}

main() {
  local base old news=0
  step start
  base=$(tip_of "$DEFAULT_BRANCH")
  old=$(tip_of "$BRANCH")
  git switch --quiet --detach "$base"
  if [ -n "${PULL_REQUEST:-}" ] && [ -n "$old" ]; then
    take_waiting_facts
  fi
  take_lines_of_red_months

  step update
  timeout --kill-after=60s "${TIME_LIMIT:-90m}" \
    "$REVIEW" update --no-publish --pull-request "$HANDOVER/body.md" || news=$?
  case $news in
    0 | 10 | 20) ;;
    124 | 137) echo "stopped: no end after ${TIME_LIMIT:-90m}" >&2 && exit "$news" ;;
    *) exit "$news" ;;
  esac

  step commit
  commit_facts
  commit_the_rest
  step check
  git switch --quiet --detach refs/month/facts
  "$REVIEW" check --allow-suspended
  step commit
  compose_branch
  hand_over
}

# Facts of months before that could not go to the default branch: they wait on the monthly branch, and no search of
# theirs is lost. Commits of people are left where they are.
take_waiting_facts() {
  local commit same
  local -A seen=()
  for commit in $(ours "$base" "$old" "${FACTS[@]}"); do
    git diff --binary "$commit^" "$commit" -- "${FACTS[@]}" >"$WORK/patch"
    same=$(git patch-id --stable <"$WORK/patch" | cut -d' ' -f1)
    if [ -n "${seen[${same:-none}]:-}" ]; then continue; fi
    seen[${same:-none}]=1
    git apply --index --3way "$WORK/patch" ||
      fail "Facts that wait on $BRANCH do not fit $DEFAULT_BRANCH any more: merge pull request #$PULL_REQUEST, or close it."
    git diff --cached --quiet || commit_sealed --reuse-message "$commit"
  done
}

# Lines are only ever added, and begin with their day: those of both branches are all there are.
take_lines_of_red_months() {
  local commit
  for commit in "$base" $old; do
    git show "$commit:$RUNS" 2>/dev/null || true
  done | sort --unique >"$WORK/runs"
  if [ -s "$WORK/runs" ]; then
    mkdir -p "${RUNS%/*}"
    cp "$WORK/runs" "$RUNS"
    git add -- "$RUNS"
    git diff --cached --quiet || commit_sealed --message "Red months that were told on $BRANCH"
  fi
}

commit_facts() {
  local path
  for path in "${FACTS[@]}"; do
    if [ -e "$path" ]; then git add --all -- "$path"; fi
  done
  git diff --cached --quiet || commit_sealed --message "Search of $DAY" --trailer "Exit: $news"
  git update-ref refs/month/facts HEAD
}

commit_the_rest() {
  git add --all -- data
  git diff --cached --quiet || commit_sealed --message "Drafts of $DAY"
  git update-ref refs/month/drafts HEAD
}

# The branch is built anew on the facts; where it holds one commit that is not this job's, it is merged instead: what people
# corrected stays, and what they deleted stays deleted.
compose_branch() {
  local file merged='' conflict=''
  if [ -n "${PULL_REQUEST:-}" ] && [ -n "$old" ] && ! all_sealed "$base" "$old"; then
    merge_branch
    merged=$base..$old
  fi
  if [ -n "$conflict" ]; then
    printf '%s' "$conflict" >"$HANDOVER/conflict"
    git update-ref refs/month/branch refs/month/facts
    return
  fi
  changed --diff-filter=d refs/month/facts refs/month/drafts
  while read -r -d '' file; do
    if [ -n "$merged" ] && { [ -e "$file" ] || was_deleted "$file"; }; then continue; fi
    git checkout --quiet refs/month/drafts -- "$file"
  done <"$WORK/paths"
  if [ "$news" != 0 ] || [ -n "${PULL_REQUEST:-}" ] || ! git diff --cached --quiet; then
    # Empty where only a list waits: a pull request needs a commit.
    commit_sealed --message "What waits for people, $DAY"
    touch "$HANDOVER/people"
  fi
  git update-ref refs/month/branch HEAD
}

was_deleted() { # file
  [ -n "$(git log -1 --full-history --diff-filter=D --format=%h "$merged" -- "$1")" ]
}

# Facts are the tool's; between two people nobody chooses here: the file is named in $conflict.
merge_branch() {
  local path
  if git merge --quiet --no-edit --message "Merge what people committed to $BRANCH" "$old"; then
    return
  fi
  changed --diff-filter=U
  [ -s "$WORK/paths" ] || conflict="the branch as a whole"
  while read -r -d '' path; do
    if ! is_fact "$path" || ! git checkout --quiet --ours -- "$path"; then
      conflict=$path
      break
    fi
    git add -- "$path"
  done <"$WORK/paths"
  if [ -n "$conflict" ]; then
    git reset --quiet --hard refs/month/facts
  else
    git commit --quiet --no-edit
  fi
}

hand_over() {
  printf '%s' "$base" >"$HANDOVER/base"
  printf '%s' "$old" >"$HANDOVER/old"
  if [ "$(git rev-parse refs/month/branch)" != "$base" ]; then
    git bundle create --quiet "$HANDOVER/month.bundle" refs/month/facts refs/month/branch --not "$base"
  fi
  output news "$news"
}

main "$@"
