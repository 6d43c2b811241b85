"""Bugs that were put into the program on purpose, and the simulation that must find each of them."""
