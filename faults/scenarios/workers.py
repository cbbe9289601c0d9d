"""Faults of the service's own processes."""

import os
import resource
import signal
from contextlib import ExitStack

from faults.load import Size
from faults.processes import address_space, descriptors, limited, stopped, wait_for
from faults.scenarios.registry import scenario
from faults.stage import Stage, wait_out

FEW_DESCRIPTORS = 256
SUPERVISOR_SECONDS = 40.0
SPARE_BYTES = 1_000_000


@scenario("a worker killed")
def worker_killed(stage: Stage) -> None:
    with stage.fault():
        stage.kill_workers(1)


@scenario("all workers killed")
def workers_killed(stage: Stage) -> None:
    with stage.fault():
        stage.kill_workers()


@scenario("a worker stopped (SIGSTOP) for 20 s", 20, patience=45)
def worker_stopped(stage: Stage) -> None:
    with stage.fault(), stopped(stage.service.workers()[:1]):
        stage.dwell()


@scenario("workers out of descriptors for 8 s")
def workers_out_of_descriptors(stage: Stage) -> None:
    with stage.fault(), ExitStack() as limits:
        for worker in stage.service.workers():
            limits.enter_context(limited(worker, resource.RLIMIT_NOFILE, descriptors(worker) - 2))
        stage.dwell()


@scenario("started with `ulimit -n 256` for 12 s, then as it should be", 12)
def started_with_few_descriptors(stage: Stage) -> None:
    with stage.fault():
        stage.service.stop()
        stage.service.limits = {resource.RLIMIT_NOFILE: FEW_DESCRIPTORS}
        stage.service.launch()
        wait_out(stage.seconds, lambda: not stage.service.running())
        stage.note("it ran" if stage.service.running() else f"it ended by itself, saying: {stage.service.last_line()}")
        stage.service.kill_all()
        stage.service.limits = {}
        stage.service.start()


@scenario("workers out of memory (RLIMIT_AS) for 8 s", size=Size(padding=8000))
def workers_out_of_memory(stage: Stage) -> None:
    with stage.fault(), ExitStack() as limits:
        for worker in stage.service.workers():
            limits.enter_context(limited(worker, resource.RLIMIT_AS, address_space(worker) + SPARE_BYTES))
        stage.dwell()
    stage.note(f"{stage.service.log_text().count('MemoryError')} times MemoryError in the log")


@scenario("the master killed; a supervisor starts another until one stays")
def master_killed(stage: Stage) -> None:
    with stage.fault():
        os.kill(stage.service.master, signal.SIGKILL)
        stage.service.supervise(SUPERVISOR_SECONDS)


@scenario("SIGTERM under load, then a new start")
def terminated(stage: Stage) -> None:
    with stage.fault():
        stage.service.stop()
        stage.service.start()


@scenario("HUP under load: new workers beside the old ones")
def hung_up(stage: Stage) -> None:
    old = set(stage.service.workers())
    with stage.fault():
        os.kill(stage.service.master, signal.SIGHUP)
        wait_for(lambda: not old & set(stage.service.workers()), 60, "the old workers' end")


@scenario("Redis and PostgreSQL both away for 8 s")
def both_away(stage: Stage) -> None:
    with stage.fault(), stage.to_postgres.mode("refuse"), stage.to_valkey.mode("refuse"):
        stage.require(stage.to_postgres.cut() + stage.to_valkey.cut(), "no connection was cut")
        stage.dwell()


@scenario("Redis and PostgreSQL both swallow for 8 s", patience=60)
def both_swallowed(stage: Stage) -> None:
    with stage.fault(), stage.to_postgres.mode("swallow"), stage.to_valkey.mode("swallow"):
        stage.dwell()


@scenario("one worker cut off from both (nothing arrives, nothing refused) for 20 s", 20, patience=60)
def worker_cut_off(stage: Stage) -> None:
    alone = tuple(stage.service.workers()[:1])
    with stage.fault(), stage.to_postgres.mode("swallow", pids=alone), stage.to_valkey.mode("swallow", pids=alone):
        stage.dwell()
    stage.require(stage.to_postgres.counts().swallowed_bytes and stage.to_valkey.counts().swallowed_bytes, "nothing was swallowed")
