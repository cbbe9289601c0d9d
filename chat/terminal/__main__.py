"""`python -m chat.terminal`, which bin/chat runs."""

from chat.terminal.main import run

if __name__ == "__main__":
    run()
