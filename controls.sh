cd /tmp/w/settings
try() { # name file python-replace a b tests...
  f=$1; a=$2; b=$3; shift 3
  cp $f /tmp/w/logs/saved; A="$a" B="$b" F=$f .venv/bin/python - <<'P'
import os
p=os.environ["F"]; s=open(p).read(); assert os.environ["A"] in s, p; open(p,"w").write(s.replace(os.environ["A"],os.environ["B"]))
P
  echo "=== $f: $a -> $b"; timeout 200 .venv/bin/pytest -q "$@" 2>&1 | grep -E "^FAILED|passed|failed" | cut -c1-150 | tail -4; cp /tmp/w/logs/saved $f
}
T=tests/operations
try chat/server/worker.py "client_address(addr[0])" "addr[0]" $T/test_listeners.py
try chat/application.py "ProxyFix(_written_plainly(wsgi)" "ProxyFix((wsgi)" $T/test_listeners.py
try chat/addresses.py "return {None: (ipv4,), False: (ipv6,), True: (ipv6, ipv4)}[ipv6_is_apart()]" "return (ipv4,)" $T/test_listeners.py
try chat/descriptors.py "if allowed >= RESERVED + LEAST_STREAMS" "if allowed >= 0" $T/test_settings.py -k could_hold
try chat/descriptors.py "LEAST_STREAMS = 100" "LEAST_STREAMS = -400" $T/test_settings.py -k as_few
try chat/services/reachable.py "if monotonic() + PAUSE_SECONDS > deadline" "if True" $T/test_settings.py -k still_starting
try chat/config.py "            wrong += error.lines" "            wrong = list(error.lines)" $T/test_settings.py -k "one_line"
try chat/config.py "if not key.strip()" "if False" $T/test_settings.py -k "missing"
try chat/cli/gunicorn_process.py "connection.sock = address.dial(ANSWER_SECONDS)" "connection.sock = Address('127.0.0.1', 8000).dial(ANSWER_SECONDS)" $T/test_bin_serve.py -k "asked_too or asks_where"
