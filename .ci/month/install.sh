#!/usr/bin/env bash
# The environment, each package with its hash (lock/). No token and no key stands in this step.
set -euo pipefail
make install
