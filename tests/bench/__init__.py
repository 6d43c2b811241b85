"""How fast, against what: nothing here is a test, and no test is timed."""
