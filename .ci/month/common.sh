# shellcheck shell=bash disable=SC2034 # names that the parts use
# What the parts of the monthly job share (docs/decisions/0020-the-monthly-job.md). Sourced, never run.
export LC_ALL=C.UTF-8 # what git and gh say is read below
: "${DEFAULT_BRANCH:?the name of the default branch}" "${GITHUB_REPOSITORY:?owner/name}" "${RUNNER_TEMP:?a folder}"
DAY=${DAY:-$(date -u +%F)}
BRANCH=monthly-update
RUNS=data/runs.log
# What the tool writes without a person's word; all else waits for one.
FACTS=(data/records data/searches data/imports data/volatile.json data/duplicates.json)
WORK=$RUNNER_TEMP/month
HANDOVER=$WORK/handover
BOT='github-actions[bot]'
BOT_MAIL="41898282+$BOT@users.noreply.github.com"
export GIT_AUTHOR_NAME=$BOT GIT_AUTHOR_EMAIL=$BOT_MAIL GIT_COMMITTER_NAME=$BOT GIT_COMMITTER_EMAIL=$BOT_MAIL
export GH_REPO=$GITHUB_REPOSITORY

# A step begins: what is printed from here on is its own.
step() {
  printf '%s' "$1" >"$WORK/step"
  : >"$WORK/log"
}

output() { # name, value of one line
  printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:-/dev/null}"
}

fail() { # sentence
  printf '%s\n' "$1" >&2
  exit 1
}

# git with the token of this step, which stands in no file and on no command line.
git_as_us() {
  git -c credential.helper= -c 'credential.helper=!gh auth git-credential' "$@"
}

is_fact() { # path
  local fact
  for fact in "${FACTS[@]}" "$RUNS"; do
    case $1 in "$fact" | "$fact"/*) return ;; esac
  done
  return 1
}

# Push, and say what came of it in $pushed: yes, refused (the branch is protected), moved (somebody
# else pushed), failed.
push() { # refspec or option ...
  local said
  pushed=yes
  if said=$(git_as_us push --porcelain origin "$@" 2>&1); then
    return
  fi
  printf '%s\n' "$said" >&2
  case $said in
    *'[remote rejected]'*'protected branch'* | *'[remote rejected]'*'rule violations'* | *'[remote rejected]'*'hook declined'*) pushed=refused ;;
    *'[rejected]'*) pushed=moved ;;
    *) pushed=failed ;;
  esac
}

# The names of files that differ, into a file: a failure stops the job, as that of a pipe would not. A renamed file is one
# that went and one that came.
changed() { # option or commit ...
  git diff -z --name-only --no-renames "$@" >"$WORK/paths"
}

tip_of() { # branch: its commit at the last fetch, nothing where there is none
  git rev-parse --verify --quiet "refs/remotes/origin/$1^{commit}" || true
}

# Commit what is staged, sealed: the trailer names the commit's own tree and parent. Whatever anybody makes of it later (an
# amended, rebased, squashed or picked commit), its seal fits no more. A name or a time would tell nothing: both are kept.
commit_sealed() { # option of git commit ...
  local tree parent
  tree=$(git write-tree)
  parent=$(git rev-parse HEAD)
  git -c trailer.made.ifExists=replace commit --quiet --allow-empty "$@" --trailer "Made: $tree on $parent"
}

# Whether each commit that the second has and the first lacks is this job's own, as it made it. No pipe: one whose reader
# leaves early fails, and a question that failed must not read as "nobody's".
all_sealed() { # commit, commit
  local commits is made
  commits=$(git log --format='%T on %P|%(trailers:key=Made,valueonly,separator=%x2C)' "$1..$2") ||
    fail "The commits of $BRANCH can't be read: nothing is pushed."
  while IFS='|' read -r is made; do
    if [ "$is" != "$made" ]; then return 1; fi
  done <<<"$commits"
}

# Commits of this job alone that touch some files and stand on the second commit, not on the first.
ours() { # commit, commit, path ...
  local from=$1 to=$2
  shift 2
  git rev-list --reverse --no-merges --fixed-strings --author="$BOT_MAIL" --cherry-pick --right-only \
    "$from...$to" -- "$@"
}

# The first day of a search that found a notice on an included study and that a commit lacks.
notice_waits() { # commit that lacks it, commit that has it
  local commit file
  while read -r commit; do
    case $(git log -1 --format='%(trailers:key=Exit,valueonly)' "$commit") in 20*) ;; *) continue ;; esac
    while read -r file; do
      if ! git cat-file -e "$1:$file" 2>/dev/null; then
        file=${file##*/}
        printf '%s\n' "${file:0:10}"
        return
      fi
    done < <(git diff-tree --no-commit-id --name-only -r --diff-filter=A "$commit" -- data/searches)
  done < <(ours "$1" "$2" data/searches)
}
