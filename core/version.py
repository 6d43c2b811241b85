"""Versions that others see."""

VERSION = "0.1.0"

# What the chain compares with the subnet's weights version: 1000 * major + 10 * minor + patch, as the field counts. The public
# original ended at 2016 (2.1.6), and this program takes over from it.
VERSION_KEY = 3000

# Bumped when a change alters decisions that a journal has recorded. What was decided before stays in the core, behind the version that
# ended it: a journal says which version it was recorded under (`CoreConfig.logic_version`), and replays by that one for ever.
LOGIC_VERSION = 5
# From here on a forward whose answers were recorded before a restart is scored after it; before, every forward ended with a restart.
RECOVERS_ANSWERED = 2
# From here on a restart is no failed attempt: the fate of weights is asked for two seconds after it. Before, the pause grew with each
# start, so that a program that crashed again and again never came to ask.
RESTART_IS_NO_ATTEMPT = 2
# From here on each miner is prompted on the wire that the chain or experience tells; before, there was `btauth/1` alone.
CHOOSES_WIRES = 3
# From here on a refusal that names the block from which weights can succeed waits for that block, what waits for a block is looked at
# as blocks come, weights that a reorganisation has undone are due again, a submission says whose scores it carries, and an axon's address
# that the chain did not take is offered again. Before, what could pass was tried again after seconds, all else at the end of a forward
# an epoch length later, what was accepted stayed so, and an address was offered once.
FOLLOWS_THE_CHAIN = 4
# From here on values that are all equal have no variance, and each is at the mean. Before, the rounding of their mean could leave some.
EQUAL_HAS_NO_VARIANCE = 5
# From here on a submission of which nothing was heard counts as lost only if it was looked for after it had become void, reckoned from a
# block that was read once it had been sent. Before, it was reckoned from the head that was known as it was decided on, which is old where
# blocks do not arrive.
DATES_SUBMISSIONS = 5
