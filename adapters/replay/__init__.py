"""What can be had of a journal: verified, shown, explained, re-scored, exported, walked through. Needs no model, wallet or network."""
