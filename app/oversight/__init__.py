"""The start pages and the supervisor's desk: the photo log, marks, comparisons, days, conversations, exports.

What a photo's review is stays with the visits (inspections/reviewing.py); here it is decided, many at once, and undone.
"""
