"""PostgreSQL's own log: it holds nothing of what people write.

PostgreSQL writes a statement that fails, is slow or is logged for another reason with its values, and quotes values in errors and details.
The service logs each failure itself, without values. The settings belong to the role in the database, not to a connection: only a
superuser, or whom one permits, may change them, and a pooler would hand a connection's settings to others."""

from sqlalchemy import Engine, text

# log_min_messages: in the order of the log's levels an error comes before `log`; what ends a session or the server comes after it.
SETTINGS = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_lock_waits": "off",
}
LOCK = 7_241_959_302  # two commands that alter a role at once would fail

_DIFFERENT = text("""
    SELECT format('ALTER ROLE %I IN DATABASE %I SET %s = %L', current_user, current_database(), name, value) AS statement,
        has_parameter_privilege(name, 'SET') AS permitted
    FROM unnest(CAST(:names AS text[]), CAST(:values AS text[])) AS wanted (name, value)
    WHERE current_setting(name) <> value
""")


def keep_content_out(engine: Engine) -> list[str]:
    """Sets what differs, for the sessions to come. Returns the statements that this role is not permitted, for a superuser to run."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        different = connection.execute(_DIFFERENT, {"names": list(SETTINGS), "values": list(SETTINGS.values())}).all()
        for setting in different:
            if setting.permitted:
                connection.exec_driver_sql(setting.statement)
    return [setting.statement for setting in different if not setting.permitted]
