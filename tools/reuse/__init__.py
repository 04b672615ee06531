"""`make reuse`: are photos that were used before found, and are distinct ones ever taken for copies?"""
