"""What the process does by itself, again and again: room expiry, purge, redaction, upload sweep, presence report, samples."""
