"""What was promised against what happened: checks over rows and readings, without I/O."""
