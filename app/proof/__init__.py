"""Whether the county's records are what they were: chain, database and files held against each other."""
