"""Pure calculations about listings: numbers, texts, what a record must hold, its quality, its changes, its life.

Nothing here knows the database, the clock or the request; every result is a value that a table test can check.
"""
