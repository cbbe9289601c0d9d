"""An operator stops the service: streams are closed in order, and gunicorn ends. And what works while Redis is away."""

from chat.embedded import Valkey
from tests.harness.deadline import eventually
from tests.harness.operator import Operator
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.tables import execute

STOPPED_WITHIN_SECONDS = 20.0


def test_a_stop_sends_the_streams_away_and_ends_every_worker(fresh_server: Server) -> None:
    olga = Operator(fresh_server)
    with Person.signed_in(fresh_server, "alice") as alice, alice.stream("/subscribe") as one, alice.stream("/subscribe") as other:
        assert olga.call("POST", "/stop") == {"workers": 2}
        for stream in (one, other):
            assert stream.until_closed()[-1].event == "bye"
    eventually(lambda: not fresh_server.is_running(), STOPPED_WITHIN_SECONDS)
    stopped = execute(fresh_server.database_url, "SELECT actor FROM audit WHERE act = 'service stopped'")
    assert [row.actor for row in stopped] == [olga.actor]


def test_while_redis_is_away_a_worker_answers_for_itself_and_for_all_again_afterwards(fresh_server: Server, valkey: Valkey) -> None:
    olga = Operator(fresh_server)
    eventually(lambda: len(olga.call("GET", "/streams")["workers"]) == 2)
    valkey.stop()

    alone = olga.call("GET", "/streams")

    assert len(alone["workers"]) == 1
    assert not alone["whole"]
    valkey.start()
    eventually(lambda: len(olga.call("GET", "/streams")["workers"]) == 2)
