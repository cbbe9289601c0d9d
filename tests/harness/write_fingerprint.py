"""`bin/fingerprint`: writes the fingerprint of schema.sql beside the newest step, for whoever has changed the schema."""

from chat.services import migrations
from chat.services.migrations import STEPS, fingerprint
from tests.harness import backends
from tests.harness.databases import Databases
from tests.harness.tables import engine_of


def main() -> None:
    with backends.postgres_url() as url:
        databases = Databases(url)
        with engine_of(databases.clone()).connect() as connection:
            fingerprint.record(STEPS, migrations.newest_version(), fingerprint.taken(connection))
        databases.close()


if __name__ == "__main__":
    main()
