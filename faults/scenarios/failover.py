"""PostgreSQL with another past: failed over, restored, rolled back."""

from faults.postgres import FaultyPostgres
from faults.scenarios.registry import scenario
from faults.stage import Stage

NEWEST = "SELECT max(id) FROM events"


@scenario("PostgreSQL fails over to a standby (asynchronous) that lacks the last commits", standby=True)
def postgres_failover_asynchronous(stage: Stage) -> None:
    stage.standby.configure(primary_conninfo="")  # it hears no more of its primary
    stage.dwell(0.4)
    stage.require(stage.standby.execute(NEWEST) < stage.postgres.execute(NEWEST), "the standby lacks nothing")
    _fail_over(stage)


@scenario("PostgreSQL fails over to a standby (synchronous)", standby=True, synchronous=True)
def postgres_failover_synchronous(stage: Stage) -> None:
    _fail_over(stage)


@scenario("PostgreSQL restored from an older dump; nobody runs after-restore, the service runs on")
def postgres_restored(stage: Stage) -> None:
    file = stage.folder / "backup.sql"
    stage.postgres.dump(file)
    stage.dwell(0.5)
    restored = stage.another_postgres("restored")
    with stage.fault():
        stage.postgres.stop()
        restored.restore(file)
        _lead_to(stage, restored)


@scenario("PostgreSQL restored from an older dump as documented: service stopped, after-restore, started")
def postgres_restored_as_documented(stage: Stage) -> None:
    file = stage.folder / "backup.sql"
    stage.postgres.dump(file)
    stage.dwell(0.5)
    restored = stage.another_postgres("restored")
    with stage.fault():
        stage.service.stop()
        stage.postgres.stop()
        restored.restore(file)
        _lead_to(stage, restored)
        stage.service.command("after-restore")
        stage.service.start()


@scenario("PostgreSQL rolled back to an older copy of its disk (same system, same timeline); the service runs on")
def postgres_rolled_back(stage: Stage) -> None:
    stage.postgres.copy_to(stage.folder / "copy")
    (stage.folder / "copy" / "data" / "standby.signal").unlink()
    stage.dwell(0.5)
    with stage.fault():
        stage.postgres.kill()
        _lead_to(stage, stage.another_postgres("copy"))


def _fail_over(stage: Stage) -> None:
    """The primary is dead, the standby is promoted, and the name leads to it."""
    with stage.fault():
        stage.postgres.kill()
        stage.standby.promote()
        _lead_to(stage, stage.standby)


def _lead_to(stage: Stage, postgres: FaultyPostgres) -> None:
    stage.to_postgres.retarget(postgres.target)
    stage.to_postgres.cut()
    stage.postgres = postgres
