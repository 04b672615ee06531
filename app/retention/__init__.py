"""How long what is kept: periods, deletion as an event, legal hold, who looked at evidence, what the public sees."""
