"""What is asked and answered in the dendrite's benchmark: a prompt and a completion of about 500 characters each."""

from core.types import Prompting

_TEXT = "A subnet's tempo is the number of blocks between two epochs; at the end of each, miners and validators are paid. "

SYNAPSE = Prompting(("user",), ("What does this text say? " + 4 * _TEXT,))
COMPLETION = "It says that " + 4 * _TEXT
