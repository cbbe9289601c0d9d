"""Tests of single parts: no server, no browser."""
