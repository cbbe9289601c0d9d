"""Faults of the machine: its clock, its disk for files."""

import asyncio
import subprocess
import time
from collections import Counter
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx

from faults.client import ask, request
from faults.processes import wait_for
from faults.scenarios.postgres import fill
from faults.scenarios.registry import scenario
from faults.stage import Stage

HOUR, MINUTE = 3600, 60
REMOUNT_SECONDS = 10.0
UPLOAD_BYTES = 20_000
UPLOAD_SECONDS = 0.2
BOUNDARY = "----faults"


@scenario("the service's clock jumps an hour ahead, then an hour back", false_clock=True)
def clock_jumps(stage: Stage) -> None:
    with stage.fault():
        for hours in (1, -1, 0):
            stage.set_clock(hours * HOUR)
            stage.dwell(0.5)
            stage.require(abs(_clock_of(stage) - time.time() - hours * HOUR) < MINUTE, "the clock did not jump")


@scenario("the store of files is full, 8 s", small_files_mb=4)
def files_full(stage: Stage) -> None:
    uploads = _upload_on(stage)
    filler = stage.service.files / "filler"
    with stage.fault():
        uploads.clear()
        fill(filler)
        stage.dwell()
        _note(stage, "full", uploads)
        filler.unlink()
    uploads.clear()
    stage.dwell(0.4)
    _note(stage, "afterwards", uploads)


@scenario("the store of files is read-only, 8 s", small_files_mb=4)
def files_read_only(stage: Stage) -> None:
    uploads = _upload_on(stage)
    with stage.fault():
        _remount(stage.service.files, "ro")
        uploads.clear()
        stage.dwell()
        _note(stage, "read-only", uploads)
        _remount(stage.service.files, "rw")
    uploads.clear()
    stage.dwell(0.4)
    _note(stage, "afterwards", uploads)


def _upload_on(stage: Stage) -> Counter[str]:
    """Uploads one small file after the other until the load ends; the results."""
    results: Counter[str] = Counter()
    stage.load.spawn(_upload(stage, results))
    stage.dwell(0.2)
    stage.require(results["201"], f"no upload was accepted before the fault: {dict(results)}")
    return results


async def _upload(stage: Stage, results: Counter[str]) -> None:
    load, number = stage.load, 0
    path = f"/api/v1/room/{load.rooms[0]}/files"
    while True:
        number += 1
        kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        reply = await ask(load.address, request(load.address, "POST", path, load.people[0].token, _form(number), kind), 20)
        results[reply.result] += 1
        await asyncio.sleep(UPLOAD_SECONDS)


def _form(number: int) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{number}.bin"\r\n\r\n'
    return head.encode() + b"\1" * UPLOAD_BYTES + f"\r\n--{BOUNDARY}--\r\n".encode()


def _note(stage: Stage, when: str, results: Counter[str]) -> None:
    stage.note(f"uploads {when}: {', '.join(f'{result}: {count}' for result, count in results.items()) or 'none'}")


def _remount(folder: Path, way: str) -> None:
    """It is refused while somebody writes."""
    command = ["mount", "-o", f"remount,{way}", str(folder)]
    wait_for(lambda: subprocess.run(command, check=False, capture_output=True).returncode == 0, REMOUNT_SECONDS, f"a folder that is {way}")


def _clock_of(stage: Stage) -> float:
    """What the service takes for the time."""
    answer = httpx.get(f"{stage.service.url}/healthz", timeout=10, trust_env=False)
    return parsedate_to_datetime(answer.headers["Date"]).timestamp()
