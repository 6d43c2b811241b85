"""The small models of the embedded default, made from the shipped corpus; `python -m adapters.scoring.embedded.make` makes them."""
