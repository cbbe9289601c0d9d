"""Tests of the HTTP API: who may do what, and what each call answers."""
