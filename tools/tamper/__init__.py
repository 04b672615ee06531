"""A year of honest work, then thirty ways to falsify it: a verification names each and nothing else."""
