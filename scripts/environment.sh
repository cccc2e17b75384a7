# Sourced by the scripts beside it: makes .venv from the lock file, once, and again only when the lock changes.
# shellcheck shell=sh

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
VENV=$ROOT/.venv

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for python in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$python"
            return
        fi
    done
    say "Python 3.11 or newer is needed. Install it (Debian: apt install python3), or name it: PYTHON=/path/to/python $0"
    return 1
}

# need_environment EXTRAS: have .venv with the distribution (editable, so its pages are built too) and these extras.
need_environment() {
    wanted="$1 $(cat "$ROOT/pyproject.toml" "$ROOT/requirements.lock" | cksum)"
    stamp=$VENV/.installed-$1
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
    if [ ! -x "$VENV/bin/python" ]; then
        python=$(find_python) || return 1
        say "Making the environment .venv ..."
        if ! "$python" -m venv "$VENV"; then
            rm -rf "$VENV"
            say "The module venv of $python does not work. Debian: apt install python3-venv"
            return 1
        fi
    fi
    say "Installing what requirements.lock names ..."
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check \
        --constraint "$ROOT/requirements.lock" --editable "$ROOT[$1]" || return 1
    printf '%s\n' "$wanted" >"$stamp"
}

need_pages() {
    "$VENV/bin/python" "$ROOT/scripts/build_pages.py"
}
