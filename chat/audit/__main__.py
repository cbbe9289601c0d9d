"""python -m chat.audit URL: what bin/chat audit does, by itself."""

from chat.audit.command import audit

if __name__ == "__main__":
    audit(prog_name="audit")
