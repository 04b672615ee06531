"""`python -m tools.bench`: how fast the product is, as ratios taken within one run. `make bench` calls it."""
