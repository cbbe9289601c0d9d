"""Tests on the real thing: PostgreSQL, Valkey, gunicorn, nginx and Chromium."""

import pytest

pytest.register_assert_rewrite("tests.harness")
