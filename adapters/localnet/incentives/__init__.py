"""Incentive runs: several of our validators and those who live off them, against a zoo of miners, and who earned what.

`config`, `cast` and `scene` say who takes part, and on what; `validators`, `copier`, `colluder`, `sybil` and `changing` are the parts,
which `company` puts to work; `observing` writes down every epoch, and `course` lets things happen between them; `reckoning` makes
`figures` of it, and `table`, `report` and `plot` show these. `session` is a run from start to end.
"""
