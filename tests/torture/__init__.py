"""Many readers and posters on a real server that is being hurt; afterwards every promise is checked against the record."""
