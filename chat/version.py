"""The version of the service, for OpenAPI and for people."""

VERSION = "0.1.0"
