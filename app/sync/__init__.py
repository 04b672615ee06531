"""The server's side of the outbox: what phones recorded without signal arrives here, once and never lost."""
