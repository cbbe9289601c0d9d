"""Commands that run on the service's machine: bin/serve, `flask init-db`, `admin key`."""
