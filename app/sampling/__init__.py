"""Sampling 抽查: visits drawn by a method anybody can do again, called back, and what that says about all visits."""
