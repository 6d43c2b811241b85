"""The pure core: events in, next state and effects out."""
