"""A validator on a chain that fails in every way at random, and what must hold: it lives, and its weights land, once and rightly."""
