"""`python -m chat.audit URL`: the same as `bin/chat audit URL`."""

from chat.audit.command import audit

if __name__ == "__main__":
    audit(prog_name="audit")
