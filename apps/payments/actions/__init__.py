"""Writes of payments, by topic.

Rows are locked in one order everywhere: the order, another order of the same learner and course, then what enrollments
locks, then the series of a bill.
"""
