"""What stands outside the process: PostgreSQL (the record), Redis (the log) and password hashing. No Flask request here."""
