"""The load generator: C sources, compiled here. It takes one command a line and returns one line of JSON each."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent / "load"

Answer = dict[str, Any]


class LoadFailed(Exception):
    """The load generator could not be compiled, or has ended: its own output."""


def compile_load(folder: Path) -> Path:
    """Returns the program's path. Raises LoadFailed if there is no C compiler, or with the compiler's output."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise LoadFailed("no C compiler: apt-get install gcc libc6-dev")
    program = folder / "load"
    sources = sorted(str(path) for path in SOURCES.glob("*.c"))
    made = subprocess.run([compiler, "-O2", "-Wall", "-pthread", "-o", str(program), *sources], check=False, capture_output=True, text=True)
    if made.returncode:
        raise LoadFailed(made.stderr)
    return program


class Load:
    """One running load generator."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, *words: object) -> Answer:
        """Sends one command and returns its answer. Raises LoadFailed if the load generator has ended."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        line = self.process.stdout.readline()
        if not line:
            raise LoadFailed(f"the load generator ended at: {words}")
        return dict(json.loads(line))

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(30)


@contextmanager
def running_load(program: Path) -> Iterator[Load]:
    """A load generator for one measurement, so that no measurement inherits another's sockets."""
    load = Load(program)
    try:
        yield load
    finally:
        load.stop()
