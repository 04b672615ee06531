"""Seals: the electronic signature under papers and evidence, and the page where anybody checks a paper."""
