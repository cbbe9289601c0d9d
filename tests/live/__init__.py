"""Tests of streams and long polls: delivery, resume, presence, slow and gone clients."""
