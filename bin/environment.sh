# Sourced by the other commands in this folder: makes a virtual environment in .venv with the packages of the requirement files.
# It needs no more than a bare Debian or Ubuntu has. Each message is one line.

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# requirements FILE...: installs the files that have changed since they were installed.
requirements() {
    stale "$@" || return 0
    # Two commands at once would unpack over each other.
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

# Debian has this part of Python in a separate package.
install_venv() {
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    debian_packages "$package"
    "$1" -c 'import ensurepip, venv' 2>/dev/null || fail "$1 still has no venv module after installing $package"
}

# debian_packages PACKAGE...: installs them if root runs this, else says how.
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

# Keeps a package from starting its service, on port 80 for example.
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
