"""What a worker does by itself: room expiry, purge, redaction of the log, upload sweep, presence report, samples."""
