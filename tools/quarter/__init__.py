"""`make quarter`: three months of reminders in 30-minute steps against the real services, counted by somebody else."""
