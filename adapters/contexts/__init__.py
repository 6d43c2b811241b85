"""Texts to talk about: each source makes the `Contexts` port real."""
