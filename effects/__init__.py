"""The runner and the ports it carries effects out through."""
