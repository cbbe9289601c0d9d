# Read by the other commands in this folder: a virtual environment in .venv that holds what the requirement files say.
# Works from what a bare Debian or Ubuntu has. Each message is one line for the person who ran the command.

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# requirements FILE...: what is installed already, file by file, is left alone. $command is what to call this by.
requirements() {
    stale "$@" || return 0
    # Two commands started together would unpack over each other.
    exec 9<.
    flock 9
    if stale "$@"; then
        [ -w . ] || fail "cannot write to $PWD, where .venv should go"
        virtual_environment
        install_requirements "$@"
    fi
    exec 9<&-
}

stale() {
    usable .venv/bin/python || return 0
    for file in "$@"; do
        [ "$(cat ".venv/installed/$file" 2>/dev/null)" = "$(checksum "$file")" ] || return 0
    done
    return 1
}

checksum() {
    { .venv/bin/python --version && cat "$1"; } | sha256sum
}

usable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

virtual_environment() {
    if usable .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; then
        return
    fi
    python=$(suitable_python) || fail "needs Python 3.11 or later: none found on the PATH (PYTHON=/path/to/python3 names one)"
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_venv "$python"
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv || fail "$python could not make $PWD/.venv"
}

suitable_python() {
    for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if usable "$python"; then
            command -v "$python"
            return
        fi
    done
    return 1
}

# Debian keeps this part of Python in a package of its own.
install_venv() {
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    debian_packages "$package"
    "$1" -c 'import ensurepip, venv' 2>/dev/null || fail "$1 still has no venv module after installing $package"
}

# debian_packages PACKAGE...: as root installs them, else says how.
debian_packages() {
    [ "$(id -u)" = 0 ] || fail "run this first: sudo apt-get install $*"
    command -v apt-get >/dev/null || fail "install these first, there is no apt-get here to do it with: $*"
    say "installing $*"
    log=$(mktemp)
    without_starting_services apt "$@" </dev/null >"$log" 2>&1 || fail "apt-get could not install $*: $(tail -n 1 "$log")"
    rm -f "$log"
}

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get update -q &&
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

# A package's own service, on port 80 say, is not what anybody asked for here.
without_starting_services() {
    policy=/usr/sbin/policy-rc.d
    if [ -e $policy ]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    "$@" && code=0 || code=$?
    rm -f $policy
    return $code
}

install_requirements() {
    say "installing $*"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes $(printf -- '-r %s ' "$@") ||
        fail "pip could not install what $* say: see above"
    mkdir -p .venv/installed
    for file in "$@"; do
        checksum "$file" >".venv/installed/$file"
    done
}

say() {
    echo "$(basename "$0"): $*" >&2
}
