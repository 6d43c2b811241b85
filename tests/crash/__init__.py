"""A validator that is killed again and again, and what must hold after each kill: nothing lost, nothing twice."""
