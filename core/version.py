"""Versions that others see."""

VERSION = "0.1.0"

# What the chain compares with the subnet's weights version: 1000 * major + 10 * minor + patch, as the field counts. The public
# original ended at 2016 (2.1.6), and this program takes over from it.
VERSION_KEY = 3000

# Bumped when a change alters decisions that a journal has recorded.
LOGIC_VERSION = 1
