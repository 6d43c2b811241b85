"""The only code that touches the world: each adapter makes one port real."""
