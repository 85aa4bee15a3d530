#!/bin/sh
# Finds any Python 3 that really runs (a pyenv shim may only print an error) and hands over to bootstrap.py.
set -eu
cd "$(dirname "$0")/../.."
for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python /usr/bin/python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 7))' >/dev/null 2>&1; then
        exec "$candidate" infra/local/bootstrap.py "$@"
    fi
done
echo "renkei: no working Python was found: install Python 3.13 (3.11 or later works) and run make again." >&2
exit 1
